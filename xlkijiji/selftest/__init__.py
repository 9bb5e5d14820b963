"""The acceptance kit: the way from the click to the ad, in the Excel or Calc of whoever starts it, with a report."""
