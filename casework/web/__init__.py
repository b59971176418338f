"""What every page shares: language, base form, filters, navigation, error pages. Knows no word of the domain."""
