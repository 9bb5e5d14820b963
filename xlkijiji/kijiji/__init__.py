"""Everything that knows the site: its selectors, pages, categories, rules, and the browser that visits it."""
