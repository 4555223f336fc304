package linear

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"
)

type row struct {
	text string
	lab  map[string]bool
}

func loadOkky(t testing.TB) []row {
	f, err := os.Open("/work/shared/data/hate/okky_train.tsv")
	if err != nil {
		t.Skip()
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = '\t'
	recs, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, rec := range recs[1:] {
		m := map[string]bool{}
		for i := 1; i < len(rec); i++ {
			m[recs[0][i]] = rec[i] == "1"
		}
		m["ours"] = m["HS_Religion"] || m["HS_Race"] || m["HS_Physical"] || m["HS_Gender"] || m["HS_Strong"]
		rows = append(rows, row{rec[0], m})
	}
	return rows
}

func fitLR(m *matrix, rows []int, y []float64, C float64, pos float64, hinge bool) []float64 {
	x := make([]float64, m.width+1)
	minimise(x, 60, func(x, g []float64) float64 {
		val := 0.0
		for i := range g {
			val += 0.5 * x[i] * x[i]
			g[i] = x[i]
		}
		// bias lightly regularised
		val += (0.01 - 1) * 0.5 * x[m.width] * x[m.width]
		g[m.width] = 0.01 * x[m.width]
		for _, i := range rows {
			b, v := m.row(i)
			s := x[m.width]
			for k, bb := range b {
				s += x[bb] * float64(v[k])
			}
			yi := y[i]
			c := C
			if yi > 0 {
				c *= pos
			}
			z := yi * s
			var d float64
			if hinge {
				if z < 1 {
					val += c * (1 - z) * (1 - z)
					d = -2 * c * (1 - z) * yi
				} else {
					continue
				}
			} else {
				if z > -30 {
					val += c * math.Log1p(math.Exp(-z))
				} else {
					val += c * -z
				}
				d = -c * yi / (1 + math.Exp(z))
			}
			for k, bb := range b {
				g[bb] += d * float64(v[k])
			}
			g[m.width] += d
		}
		return val
	})
	return x
}

func scoreRow(m *matrix, w []float64, i int) float64 {
	b, v := m.row(i)
	s := w[m.width]
	for k, bb := range b {
		s += w[bb] * float64(v[k])
	}
	return s
}

// bestMacro: threshold chosen to maximise macro F1 over (score,label) pairs
func macroAt(s []float64, y []bool, th float64) (mac, f1 float64) {
	var tp, fp, fn, tn float64
	for i := range s {
		p := s[i] >= th
		switch {
		case p && y[i]:
			tp++
		case p:
			fp++
		case y[i]:
			fn++
		default:
			tn++
		}
	}
	f1 = 2 * tp / (2*tp + fp + fn)
	f0 := 2 * tn / (2*tn + fp + fn)
	return (f1 + f0) / 2, f1
}
func bestMacro(s []float64, y []bool) (best, bf, th float64) {
	for q := -3.0; q < 3; q += 0.02 {
		if m, f := macroAt(s, y, q); m > best {
			best, bf, th = m, f, q
		}
	}
	return
}

func envf(k string, d float64) float64 {
	if v, err := strconv.ParseFloat(os.Getenv(k), 64); err == nil {
		return v
	}
	return d
}

func TestExp(t *testing.T) {
	if os.Getenv("EXP") == "" {
		t.Skip()
	}
	rows := loadOkky(t)
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.text
	}
	h := newHasher(int(envf("WB", 15)), int(envf("CB", 15)))
	c, _ := h.count(texts, make([][]Span, len(rows)))
	perm := rand.New(rand.NewSource(7)).Perm(len(rows))
	label := os.Getenv("LABEL")
	if label == "" {
		label = "ours"
	}
	y := make([]float64, len(rows))
	for i, r := range rows {
		y[i] = -1
		if r.lab[label] {
			y[i] = 1
		}
	}
	for _, C := range strings.Split(os.Getenv("EXP"), ",") {
		Cf, _ := strconv.ParseFloat(C, 64)
		sc := make([]float64, len(rows))
		yb := make([]bool, len(rows))
		F := 5
		for f := 0; f < F; f++ {
			var tr []int
			for k, i := range perm {
				if k%F != f {
					tr = append(tr, i)
				}
			}
			m := c.weigh(c.inverseFrequencies(tr), envf("WS", 1))
			w := fitLR(m, tr, y, Cf, envf("POS", 2), os.Getenv("HINGE") != "")
			for k, i := range perm {
				if k%F == f {
					sc[i] = scoreRow(m, w, i)
					yb[i] = y[i] > 0
				}
			}
		}
		b, f1, th := bestMacro(sc, yb)
		m0, _ := macroAt(sc, yb, 0)
		fmt.Printf("%s C=%s macro@0 %.4f best %.4f f1 %.4f th %.2f\n", label, C, m0, b, f1, th)
	}
}

func TestDump(t *testing.T) {
	out := os.Getenv("DUMP")
	if out == "" {
		t.Skip()
	}
	rows := loadOkky(t)
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.text
	}
	h := newHasher(int(envf("WB", 15)), int(envf("CB", 15)))
	c, _ := h.count(texts, make([][]Span, len(rows)))
	perm := rand.New(rand.NewSource(7)).Perm(len(rows))
	labels := []string{"ours", "HS", "Abusive", "HS_Individual", "HS_Group", "HS_Religion", "HS_Race", "HS_Physical", "HS_Gender", "HS_Other", "HS_Weak", "HS_Moderate", "HS_Strong"}
	F := 5
	sc := make([][]float64, len(labels))
	for l := range sc {
		sc[l] = make([]float64, len(rows))
	}
	fold := make([]int, len(rows))
	for k, i := range perm {
		fold[i] = k % F
	}
	for f := 0; f < F; f++ {
		var tr []int
		for i := range rows {
			if fold[i] != f {
				tr = append(tr, i)
			}
		}
		m := c.weigh(c.inverseFrequencies(tr), 1)
		done := make(chan int)
		for p := range 2 {
			go func() {
				for l := p; l < len(labels); l += 2 {
					y := make([]float64, len(rows))
					for i, r := range rows {
						y[i] = -1
						if r.lab[labels[l]] {
							y[i] = 1
						}
					}
					w := fitLR(m, tr, y, envf("C", 2), envf("POS", 1), false)
					for i := range rows {
						if fold[i] == f {
							sc[l][i] = scoreRow(m, w, i)
						}
					}
				}
				done <- 1
			}()
		}
		<-done
		<-done
	}
	fo, _ := os.Create(out)
	defer fo.Close()
	fmt.Fprintln(fo, "fold,"+strings.Join(labels, ","))
	for i := range rows {
		fmt.Fprintf(fo, "%d", fold[i])
		for l := range labels {
			fmt.Fprintf(fo, ",%.5f", sc[l][i])
		}
		fmt.Fprintln(fo)
	}
}
