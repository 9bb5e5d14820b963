"""xlkijiji: a Post New button for an Excel inventory, which posts each row on Kijiji once."""

__version__ = "0.1.0"
