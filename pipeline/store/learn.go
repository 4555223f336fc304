package store

import "context"

// LastWords returns the last word of the analysts on the newest text of every
// post on which there is one, violation or no_violation, in the order in which
// they were said.
func (s *Store) LastWords(ctx context.Context) ([]DecisionRow, error) {
	var rows []DecisionRow
	err := s.read(ctx, "last_words", &rows, `
		SELECT * FROM
		(
			SELECT `+columnList(decisionColumns)+` FROM decisions_final
			ORDER BY item, edition DESC
			LIMIT 1 BY item
		)
		WHERE verdict IN ('violation', 'no_violation')
		ORDER BY at, item`)
	return rows, err
}
