"""The page of a workshop: a few inputs as sliders, the options side by side, on this machine only."""
