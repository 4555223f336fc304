package console

// Patterns lists the patterns of all routes.
func (c *Console) Patterns() []string {
	var patterns []string
	for _, r := range c.routes() {
		patterns = append(patterns, r.pattern)
	}
	return patterns
}
