"""What workbooks share: how cells look, how pages print, how long lines are."""
