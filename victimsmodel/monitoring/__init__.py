"""How the service is doing: control charts, comparison with other areas, impact of a change, feedback."""
