"""Settings, theme, keys, and a look at whether all is well."""
