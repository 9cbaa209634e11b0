"""The one door through which counts of people leave, and the attack that tests it."""
