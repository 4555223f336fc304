package linear

import "math"

// minimise finds the minimum of a smooth convex function by L-BFGS (Nocedal and
// Wright, Numerical Optimization, algorithm 7.4) with a backtracking line
// search. evaluate writes the gradient at x and returns the value. It starts at
// x and leaves the result there. It is deterministic.
func minimise(x []float64, iterations int, evaluate func(x, gradient []float64) float64) {
	const memory = 8
	n := len(x)
	gradient, next, nextGradient := make([]float64, n), make([]float64, n), make([]float64, n)
	direction := make([]float64, n)
	var steps, changes [][]float64
	var rhos []float64
	value := evaluate(x, gradient)
	start := norm(gradient)
	for iteration := range iterations {
		if norm(gradient) <= 1e-4*start {
			return
		}
		descend(direction, gradient, steps, changes, rhos)
		slope := dot(direction, gradient)
		if slope >= 0 {
			return
		}
		step := 1.0
		if iteration == 0 {
			step = 1 / max(norm(gradient), 1e-12)
		}
		nextValue := 0.0
		for try := 0; ; try++ {
			for i := range next {
				next[i] = x[i] + float64(step*direction[i])
			}
			nextValue = evaluate(next, nextGradient)
			if nextValue <= value+1e-4*step*slope {
				break
			}
			if try == 30 {
				return
			}
			step /= 2
		}
		s, y := make([]float64, n), make([]float64, n)
		if len(steps) == memory { // reuse the oldest pair
			s, y = steps[0], changes[0]
			steps, changes, rhos = steps[1:], changes[1:], rhos[1:]
		}
		for i := range next {
			s[i], y[i] = next[i]-x[i], nextGradient[i]-gradient[i]
		}
		if curvature := dot(s, y); curvature > 1e-12 {
			steps, changes, rhos = append(steps, s), append(changes, y), append(rhos, 1/curvature)
		}
		if value-nextValue < 1e-7*math.Abs(value) {
			copy(x, next)
			return
		}
		value = nextValue
		copy(x, next)
		copy(gradient, nextGradient)
	}
}

// descend writes minus the inverse Hessian's estimate times the gradient.
func descend(direction, gradient []float64, steps, changes [][]float64, rhos []float64) {
	for i, g := range gradient {
		direction[i] = -g
	}
	alphas := make([]float64, len(steps))
	for k := len(steps) - 1; k >= 0; k-- {
		alphas[k] = rhos[k] * dot(steps[k], direction)
		add(direction, changes[k], -alphas[k])
	}
	if k := len(steps) - 1; k >= 0 {
		scale := 1 / (rhos[k] * dot(changes[k], changes[k]))
		for i := range direction {
			direction[i] *= scale
		}
	}
	for k := range steps {
		beta := rhos[k] * dot(changes[k], direction)
		add(direction, steps[k], alphas[k]-beta)
	}
}

// The products are rounded by themselves (float64(…)), so that no machine fuses
// them into the sum and the same data give the same bytes everywhere.

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += float64(v * b[i])
	}
	return sum
}

func norm(a []float64) float64 { return math.Sqrt(dot(a, a)) }

func add(to, from []float64, factor float64) {
	for i, v := range from {
		to[i] += float64(v * factor)
	}
}
