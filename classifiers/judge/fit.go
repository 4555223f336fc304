package judge

import (
	"errors"
	"math"
	"slices"

	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/pipeline/post"
)

// Labelled is one post to fit the fusion on.
type Labelled struct {
	// Judge reads the post: it knows the contestants of the post's election. Its
	// own fusion does not matter.
	Judge *Judge
	Text  string
	// Labels are those that the post has, Known those that were looked for.
	Labels, Known [labels]bool
	// Logits are what the linear models say of the post, as log-odds in the
	// order of the set's models, by models that did not learn from it.
	Logits []float32
	// Group is the same for posts that are held out together, such as those of one
	// election, which have near twins among them; 0 where a post stands alone.
	Group int
}

// FitReport says how the fusion does on posts that it did not learn from.
type FitReport struct {
	Label                            post.Label
	Posts, Positives                 int
	Threshold, Precision, Recall, F1 float64
	FalseFlags                       float64 // share of the posts without the label
}

const (
	fitFolds   = 5
	fitPenalty = 0.5 // of the squared weights, but for the bias
	fitSteps   = 30
)

// Fit fits the fusion. It is deterministic.
func Fit(models *linear.Set, posts []Labelled) (FusionFile, []FitReport, error) {
	file := FusionFile{
		Models: models.Version(), Weights: map[post.Label]map[string]float64{}, Trees: map[post.Label][]string{},
		Thresholds: map[post.Label]float64{},
	}
	rows := make([][labels]vector, len(posts))
	for i := range posts {
		rows[i] = posts[i].Judge.vectors(posts[i].Text, posts[i].Logits)
	}
	for _, rule := range posts[0].Judge.rules.Set().Rules() {
		file.Rules = append(file.Rules, rule.Source())
	}
	names := featureNames(models.Models())
	var reports []FitReport
	for label := range post.Labels {
		x, y, folds := column(rows, posts, label)
		if len(x) < 2*fitFolds {
			return file, nil, errors.New("fit the fusion: too few posts that know the label " + string(post.Labels[label]))
		}
		report := pickThreshold(heldOut(x, y, folds), y, beta2(post.Labels[label]))
		report.Label = post.Labels[label]
		reports = append(reports, report)
		every := func(int) bool { return true }
		weights := fitLogistic(x, y, every)
		named := map[string]float64{}
		for i, name := range names {
			if w := round(weights[i]); w != 0 {
				named[name] = w
			}
		}
		file.Weights[post.Labels[label]] = named
		for _, t := range growTrees(x, y, sums(weights, x), every) {
			file.Trees[post.Labels[label]] = append(file.Trees[post.Labels[label]], t.format(names))
		}
		file.Thresholds[post.Labels[label]] = round(report.Threshold)
	}
	return file, reports, nil
}

// vectors reads a text and returns the features of every label.
func (j *Judge) vectors(text string, logits []float32) (all [labels]vector) {
	s := j.scratch.Get()
	defer j.scratch.Put(s)
	p := post.Post{ID: "fit", Kind: post.KindPost, Text: text}
	j.gather(&p, "", s)
	j.weigh(s)
	if logits != nil {
		copy(s.logits[:], logits)
	}
	s.sharedFeatures(s.logits[:j.lanes.count])
	for label := range all {
		s.ownFeatures(label, j.lanes.label[label], s.logits[:])
		all[label] = s.vector
	}
	return all
}

// column gives the rows that tell of a label, and the fold in which each is held
// out.
func column(rows [][labels]vector, posts []Labelled, label int) (x []*vector, y []bool, folds []int) {
	for i := range posts {
		if posts[i].Known[label] {
			x = append(x, &rows[i][label])
			y = append(y, posts[i].Labels[label])
			fold := posts[i].Group
			if fold == 0 {
				fold = i
			}
			folds = append(folds, fold%fitFolds)
		}
	}
	return x, y, folds
}

// heldOut scores every row by weights and trees that did not learn from its fold.
func heldOut(x []*vector, y []bool, folds []int) []float64 {
	scores := make([]float64, len(x))
	for fold := range fitFolds {
		learned := func(row int) bool { return folds[row] != fold }
		weights := fitLogistic(x, y, learned)
		linear := sums(weights, x)
		trees := newForest(growTrees(x, y, linear, learned))
		for i, row := range x {
			if folds[i] == fold {
				correction, _ := trees.correction(math.Inf(-1), linear[i], row)
				scores[i] = bounded(sigmoid(linear[i]+correction), row)
			}
		}
	}
	return scores
}

// sums are the linear sums of the rows.
func sums(weights *vector, x []*vector) []float64 {
	all := make([]float64, len(x))
	for i, row := range x {
		all[i] = dot(weights, row)
	}
	return all
}

func dot(w *vector, x *vector) (sum float64) {
	for i := range w {
		sum += w[i] * x[i]
	}
	return sum
}

// fitLogistic fits one logistic regression by Newton's method on the rows for
// which use is true.
func fitLogistic(x []*vector, y []bool, use func(row int) bool) *vector {
	weights := &vector{}
	for range fitSteps {
		var gradient vector
		hessian := make([]vector, featureCount)
		for i, row := range x {
			if !use(i) {
				continue
			}
			accumulate(weights, row, y[i], &gradient, hessian)
		}
		for k := range gradient {
			if k != fBias {
				gradient[k] += fitPenalty * weights[k]
			}
			hessian[k][k] += fitPenalty
		}
		step := solve(hessian, gradient)
		largest := 0.0
		for k := range weights {
			weights[k] -= step[k]
			largest = max(largest, math.Abs(step[k]))
		}
		if largest < 1e-6 {
			break
		}
	}
	return weights
}

func accumulate(weights, row *vector, positive bool, gradient *vector, hessian []vector) {
	probability := sigmoid(dot(weights, row))
	residual := probability
	if positive {
		residual--
	}
	curvature := max(probability*(1-probability), 1e-6)
	for k, value := range row {
		if value == 0 {
			continue
		}
		gradient[k] += residual * value
		for l := range k + 1 {
			hessian[k][l] += curvature * value * row[l]
		}
	}
}

// solve solves hessian · step = gradient by Cholesky's method; only the lower
// half of the hessian is read. It is positive definite by the penalty.
func solve(a []vector, b vector) vector {
	n := len(a)
	for i := range n {
		for k := range i + 1 {
			sum := a[i][k]
			for m := range k {
				sum -= a[i][m] * a[k][m]
			}
			if i == k {
				a[i][i] = math.Sqrt(max(sum, 1e-12))
			} else {
				a[i][k] = sum / a[k][k]
			}
		}
	}
	for i := range n {
		for m := range i {
			b[i] -= a[i][m] * b[m]
		}
		b[i] /= a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for m := i + 1; m < n; m++ {
			b[i] -= a[m][i] * b[m]
		}
		b[i] /= a[i][i]
	}
	return b
}

// beta2 is the β² of the F measure by which a label's threshold is chosen: below
// 1 a false flag counts more than a missed post, since it accuses an innocent
// person. Hate speech is measured by plain F1, which is flat around its best.
func beta2(label post.Label) float64 {
	if label == post.HateSpeech {
		return 0.8
	}
	return 0.15
}

// A threshold lies within these bounds: not so low that a guess flags, nor so
// high that only what is certain does.
const (
	leastThreshold = 0.2
	mostThreshold  = 0.7
)

// nearBest is the share of the best F measure from which a threshold is as good
// as the best: the measure is flat there, and where its top lies is chance.
const nearBest = 0.998

// pickThreshold chooses the highest threshold whose F measure is near the best.
func pickThreshold(scores []float64, y []bool, beta2 float64) FitReport {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		default:
			return a - b
		}
	})
	report := FitReport{Posts: len(y)}
	for _, positive := range y {
		if positive {
			report.Positives++
		}
	}
	measures := make([]float64, len(order)) // with all flagged up to here
	hits := 0
	for n, i := range order {
		if y[i] {
			hits++
		}
		if n+1 < len(order) && scores[order[n+1]] < scores[i] {
			measures[n] = (1 + beta2) * float64(hits) / (beta2*float64(report.Positives) + float64(n+1))
		}
	}
	good := nearBest * slices.Max(measures)
	n := slices.IndexFunc(measures, func(f float64) bool { return f >= good && f > 0 })
	if n >= 0 {
		report.Threshold = max(leastThreshold, min((scores[order[n]]+scores[order[n+1]])/2, mostThreshold))
	}
	report.measure(scores, y)
	return report
}

// measure counts at the threshold.
func (r *FitReport) measure(scores []float64, y []bool) {
	hits, flagged := 0, 0
	for i, score := range scores {
		if score >= r.Threshold {
			flagged++
			if y[i] {
				hits++
			}
		}
	}
	r.Precision = float64(hits) / max(float64(flagged), 1)
	r.Recall = float64(hits) / max(float64(r.Positives), 1)
	r.F1 = 2 * float64(hits) / max(float64(flagged+r.Positives), 1)
	r.FalseFlags = float64(flagged-hits) / max(float64(r.Posts-r.Positives), 1)
}
