"""Reference tables of the site: categories (2019), attributes with their values (2020), and columns that fill them."""
