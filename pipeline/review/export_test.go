package review

// ManyFrom lets the review work with as few items as it does with very many.
func (r *Review) ManyFrom(items int) { r.board.many = items }
