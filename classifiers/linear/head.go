package linear

import (
	"math"
	"math/rand/v2"
)

// A head joins the raw scores of several models into one: a small network with
// one hidden layer. What makes hate speech is not a sum: an insult alone is
// none, nor is the name of a religion, but the two together are. The models of
// the kinds of hate feed it. An input beside them is the length of the text, for
// a long text says more of anything.
type head struct {
	// target is the model whose score the head replaces.
	target int
	// inputs are the models whose raw scores it reads, the length comes last.
	inputs []int
	// hidden has a row of weights a unit: one an input, the length's, the bias.
	hidden [][]float32
	// output has a weight a unit, the bias last.
	output []float32
}

const (
	headUnits  = 10 // hidden units of one network
	headCopies = 1  // networks that are averaged, from different beginnings
)

// lengthInput is the length as a head reads it: words is the number of features
// of the word block.
func lengthInput(words int) float32 {
	if words < len(lengthInputs) {
		return lengthInputs[words]
	}
	return float32(math.Log1p(float64(words))) - 3
}

// lengthInputs holds lengthInput for the lengths of nearly all posts.
var lengthInputs = func() (table [512]float32) {
	for words := range table {
		table[words] = float32(math.Log1p(float64(words))) - 3
	}
	return table
}()

// raw gives the head's raw score.
func (h *head) raw(scores *Scores, length float32) float32 {
	var inputs Scores
	for k, input := range h.inputs[:min(len(h.inputs), MaxModels)] {
		inputs[k] = scores[input]
	}
	sum, n := h.output[len(h.output)-1], len(h.inputs)
	for u, weights := range h.hidden {
		x := weights[n]*length + weights[n+1]
		for k, weight := range weights[:min(n, MaxModels)] {
			x += weight * inputs[k]
		}
		sum += h.output[u] * softsign(x)
	}
	return sum
}

// slopes gives how much the head's raw score grows with each input.
func (h *head) slopes(scores *Scores, length float32) []float64 {
	slopes := make([]float64, len(h.inputs))
	n := len(h.inputs)
	for u, weights := range h.hidden {
		x := weights[n]*length + weights[n+1]
		for k, input := range h.inputs {
			x += weights[k] * scores[input]
		}
		damp := 1 + math.Abs(float64(x))
		for k := range slopes {
			slopes[k] += float64(h.output[u]) * float64(weights[k]) / (damp * damp)
		}
	}
	return slopes
}

func softsign(x float32) float32 {
	size := math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
	return x / (1 + size)
}

// headData are the inputs, the signs and the costs of the rows a head learns
// from. Inputs are a row a text, the length last.
type headData struct {
	inputs [][]float64
	signs  []float64
	costs  []float64
}

// fitHead trains a head's networks with logistic loss and weight decay.
func fitHead(data headData, target int, inputs []int, seed uint64) *head {
	n := len(inputs) + 1
	h := &head{target: target, inputs: inputs, output: make([]float32, headUnits*headCopies+1)}
	means, scales := spread(data.inputs, n)
	for copied := range headCopies {
		x := fitNetwork(data, means, scales, rand.New(rand.NewPCG(seed, uint64(copied))))
		width := n + 1
		for u := range headUnits {
			row := make([]float32, width)
			bias := x[u*width+n]
			for k := range n {
				w := x[u*width+k] / scales[k]
				row[k] = float32(w)
				bias -= float64(w * means[k])
			}
			row[n] = float32(bias)
			h.hidden = append(h.hidden, row)
			h.output[copied*headUnits+u] = float32(x[headUnits*width+u] / headCopies)
		}
		h.output[headUnits*headCopies] += float32(x[len(x)-1] / headCopies)
	}
	return h
}

// spread gives the mean and the standard deviation of each input.
func spread(inputs [][]float64, n int) (means, scales []float64) {
	means, scales = make([]float64, n), make([]float64, n)
	for _, row := range inputs {
		for k, v := range row {
			means[k] += v / float64(len(inputs))
		}
	}
	for _, row := range inputs {
		for k, v := range row {
			scales[k] += float64((v-means[k])*(v-means[k])) / float64(len(inputs))
		}
	}
	for k := range scales {
		scales[k] = max(0.5, math.Sqrt(scales[k])) // what hardly varies must not be blown up
	}
	return means, scales
}

// fitNetwork returns the weights of one network: a row a hidden unit with its
// bias last, then the output's weights and its bias.
func fitNetwork(data headData, means, scales []float64, random *rand.Rand) []float64 {
	n := len(means)
	width := n + 1
	x := make([]float64, headUnits*width+headUnits+1)
	for i := range len(x) - 1 {
		x[i] = random.NormFloat64() * 0.5
	}
	const decay = 1.0
	input, units := make([]float64, n), make([]float64, headUnits)
	minimise(x, 200, func(x, gradient []float64) float64 {
		value := float64(0.5 * decay * dot(x, x))
		copy(gradient, x)
		out, outGradient := x[headUnits*width:], gradient[headUnits*width:]
		for i, row := range data.inputs {
			for k, v := range row {
				input[k] = (v - means[k]) / scales[k]
			}
			raw := out[headUnits]
			for u := range units {
				weights := x[u*width : (u+1)*width]
				units[u] = weights[n] + dot(input, weights)
				raw += float64(out[u] * units[u] / (1 + math.Abs(units[u])))
			}
			margin := data.signs[i] * raw
			value += float64(data.costs[i] * softplus(-margin))
			slope := -data.costs[i] * data.signs[i] / (1 + math.Exp(margin))
			for u, z := range units {
				damp := 1 + math.Abs(z)
				outGradient[u] += float64(slope * z / damp)
				through := slope * out[u] / float64(damp*damp)
				row := gradient[u*width : (u+1)*width]
				add(row[:n], input, through)
				row[n] += through
			}
			outGradient[headUnits] += slope
		}
		return value
	})
	return x
}
