package linear

// HeldOut returns what the models say of an example, as log-odds in the order of
// Set.Models, by models that were fitted without it: for fitting what stands on
// top of the models.
func (r Report) HeldOut(corpus, example int) []float32 {
	return r.heldOut[r.starts[corpus]+example]
}

// keepHeldOut keeps the held-out scores in the report, calibrated.
func (t *trainer) keepHeldOut(r *Report, models []fitted) {
	r.heldOut = make([][]float32, len(t.examples))
	for row := range r.heldOut {
		logits := make([]float32, len(models))
		for i := range models {
			f := &models[i]
			logits[i] = float32(f.slope*f.heldOut[row] + f.shift)
		}
		r.heldOut[row] = logits
	}
	for row, corpus := range t.corpus {
		for len(r.starts) <= corpus {
			r.starts = append(r.starts, row)
		}
	}
}
