package linear

// lanes is how many bytes a word of a table has: a model each.
const lanes = 8

// maxStride is how many words a bucket has at most.
const maxStride = (MaxModels + lanes - 1) / lanes

// table holds what the features of one block weigh: of every bucket the squared
// inverse document frequency, in idfScale steps, and the weight of each model
// with 128 added, a byte each.
type table struct {
	stride  int // words a bucket: 1 to maxStride
	squares []uint8
	weights []uint64
}

func newTable(squares []uint8, models int) table {
	stride := max(1, (models+lanes-1)/lanes)
	return table{stride: stride, squares: squares, weights: make([]uint64, stride*len(squares))}
}

// put fills the lane of a model.
func (t *table) put(model int, weights []uint8) {
	for b, v := range weights {
		t.weights[b*t.stride+model/lanes] |= uint64(v) << (8 * (model % lanes))
	}
}

// at is the byte of a model in a bucket.
func (t *table) at(bucket uint32, model int) uint8 {
	return uint8(t.weights[int(bucket)*t.stride+model/lanes] >> (8 * (model % lanes)))
}

// weight is that as a number around 0.
func (t *table) weight(bucket uint32, model int) float64 { return float64(t.at(bucket, model)) - 128 }

// In the weights file a table is stored a column after the other, which
// compresses better: the squares, the models, and zeros up to a multiple of
// lanes.

// fileStride is how many times lanes columns n models and the squares take.
func fileStride(n int) int { return n/lanes + 1 }

func unpack(data []byte, models int) table {
	buckets := len(data) / (lanes * fileStride(models))
	t := newTable(data[:buckets:buckets], models)
	for model := range models {
		t.put(model, data[(model+1)*buckets:(model+2)*buckets])
	}
	return t
}

func (t *table) pack(models int, to []byte) []byte {
	to = append(to, t.squares...)
	for model := range lanes*fileStride(models) - 1 {
		for bucket := range uint32(len(t.squares)) {
			if model < models {
				to = append(to, t.at(bucket, model))
			} else {
				to = append(to, 0)
			}
		}
	}
	return to
}
