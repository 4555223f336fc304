package console

// Validate says all that is wrong, with key, value and what is allowed.
func (c Configuration) Validate() error {
	_, err := c.check()
	return err
}
