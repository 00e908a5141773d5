package decoder_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tensor"
)

// asked are questions of cities of one and several tokens, with answers of either.
func askedOfCities() []decoder.Question {
	return []decoder.Question{
		{Text: "what year ?", Answers: []string{"52", "60 and 61"}}, {Text: "where is rome ?", Answers: []string{"italy"}},
		{Text: "oslo ?", Answers: []string{"true"}}, {Text: "which city is in norway ?", Answers: []string{"oslo"}},
		{Text: "is cairo of egypt ?", Answers: []string{"false"}},
	}
}

// taught returns the loss of a batch of all sequences of data, the losses of their tokens, and the gradients of the
// parameters.
func taught(t interface{ Fatal(...any) }, m *decoder.Model, d *decoder.Data) (loss float64, tokens []float64, grads []float32) {
	items := make([]int, d.Len())
	for i := range items {
		items[i] = i
	}
	b, err := d.Prepare(items)
	if err != nil {
		t.Fatal(err)
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	logits := m.Forward(tp, b).Keep()
	out := nn.CrossEntropy{}.Loss(tp, logits, b.Targets()).Keep()
	tp.Backward(out)
	for _, p := range nn.Collect(m).Trainable() {
		grads = append(grads, tp.Grad(p.Tensor)...)
	}
	for i, target := range b.Targets().Data() {
		row, sum := logits.Value().Row(i), 0.0
		for _, v := range row {
			sum += math.Exp(float64(v))
		}
		tokens = append(tokens, math.Log(sum)-float64(row[int(target)]))
	}
	return float64(out.Data()[0]), tokens, grads
}

func dataOf(t interface{ Fatal(...any) }, m *decoder.Model, questions []decoder.Question, together int) *decoder.Data {
	d, err := decoder.NewData(m, []decoder.Item{{Table: cities(), Questions: questions}}, decoder.DataOptions{Together: together})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTogetherIsAlone: questions that share a table have the loss and the gradients that they have when each is asked
// alone, with all encodings and readings.
func TestTogetherIsAlone(t *testing.T) {
	for _, r := range append(readings, []struct {
		encoding string
		reading  decoder.Reading
	}{{"xpos", decoder.Rows}, {"t5-bias-causal", decoder.Rows}, {"sinusoidal", decoder.Columns}, {"learned", decoder.Rows}, {"transformer-xl", decoder.Rows}, {"mixed-rope", decoder.Plane}, {"rope", decoder.Both}}...) {
		m := newModel(t, small(r.encoding, r.reading))
		loss, tokens, grads := taught(t, m, dataOf(t, m, askedOfCities(), 1))
		packed := dataOf(t, m, askedOfCities(), 8)
		if packed.Len() != 1 {
			t.Fatalf("%d sequences", packed.Len())
		}
		gotLoss, gotTokens, gotGrads := taught(t, m, packed)
		if math.Abs(gotLoss-loss) > 1e-6*loss {
			t.Errorf("%s by %v: the loss is %v together and %v alone", r.encoding, r.reading, gotLoss, loss)
		}
		for i := range tokens {
			if math.Abs(gotTokens[i]-tokens[i]) > 4e-6*max(tokens[i], 1) {
				t.Errorf("%s by %v: token %d has the loss %v together and %v alone", r.encoding, r.reading, i, gotTokens[i], tokens[i])
			}
		}
		largest, worst := 0.0, 0.0
		for i := range grads {
			largest, worst = max(largest, math.Abs(float64(grads[i]))), max(worst, math.Abs(float64(grads[i]-gotGrads[i])))
		}
		if !(worst <= 1e-5*largest) {
			t.Errorf("%s by %v: gradients of up to %v differ by %v", r.encoding, r.reading, largest, worst)
		}
	}
}

// TestTogetherCut: a question that shares a table which is longer than the model reads has the rows that it has alone.
func TestTogetherCut(t *testing.T) {
	c := small("two-order", decoder.Both)
	whole := dataOf(t, newModel(t, c), askedOfCities(), 1).Counts().Longest
	shared := 0
	for spare := range 20 {
		c.MaxTokens = whole - 16 + spare
		m := newModel(t, c)
		data := func(together int) *decoder.Data {
			d, err := decoder.NewData(m, []decoder.Item{{Table: cities(), Questions: askedOfCities()}}, decoder.DataOptions{Together: together, Long: decoder.CutRows})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		alone, packed := data(1), data(5)
		a, p := alone.Counts(), packed.Counts()
		if a.Cut != p.Cut || a.Questions != p.Questions || p.Sequences > 4 {
			t.Errorf("%+v alone and %+v together", a, p)
		}
		if p.Cut > 0 && p.Sequences < 5 {
			shared++
		}
		_, want, _ := taught(t, m, alone)
		_, got, _ := taught(t, m, packed)
		slices.Sort(want) // those with as many rows share, whatever stands between them
		slices.Sort(got)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 4e-6*max(want[i], 1) {
				t.Fatalf("%d tokens: token %d has the loss %v together and %v alone", c.MaxTokens, i, got[i], want[i])
			}
		}
	}
	if shared == 0 {
		t.Error("no table that was cut is shared")
	}
}

// TestTogetherShuffled: in which order questions are packed changes nothing of them.
func TestTogetherShuffled(t *testing.T) {
	models := make([]*decoder.Model, len(readings))
	for k, r := range readings {
		models[k] = newModel(t, small(r.encoding, r.reading))
	}
	rapid.Check(t, func(t *rapid.T) {
		m := models[rapid.IntRange(0, len(models)-1).Draw(t, "model")]
		questions := askedOfCities()
		order := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "order")
		var shuffled []decoder.Question
		for _, k := range order {
			shuffled = append(shuffled, questions[k])
		}
		perQuestion := func(questions []decoder.Question, order []int) (out [5]float64) {
			_, tokens, _ := taught(t, m, dataOf(t, m, questions, rapid.IntRange(2, 5).Draw(t, "together")))
			for i, q := range questions {
				n := len(strings.Fields(strings.Join(q.Answers, " | "))) + 1 // with the end
				for _, l := range tokens[:n] {
					out[order[i]] += l / float64(n)
				}
				tokens = tokens[n:]
			}
			if len(tokens) > 0 {
				t.Fatalf("%d tokens too many", len(tokens))
			}
			return out
		}
		want, got := perQuestion(questions, []int{0, 1, 2, 3, 4}), perQuestion(shuffled, order)
		for k := range want {
			if math.Abs(got[k]-want[k]) > 4e-6*max(want[k], 1) {
				t.Fatalf("question %d has the loss %v in the order %v, and %v in its own", k, got[k], order, want[k])
			}
		}
	})
}

// TestTogetherRefused: encodings that cannot serve branches say why; alone they serve.
func TestTogetherRefused(t *testing.T) {
	for encoding, want := range map[string]string{
		"carope": "adds up phases from token to token", "mdha": "its convolution reaches", "md-tpe:axes=1": "it sums from token to token",
		"rope:scaling.ntk.factor=2:scaling.ntk.trained=8": "goes by the length of a sequence",
	} {
		m := newModel(t, small(encoding, decoder.Rows))
		items := []decoder.Item{{Table: cities(), Questions: askedOfCities()}}
		if _, err := decoder.NewData(m, items, decoder.DataOptions{}); err != nil {
			t.Errorf("%s, alone: %v", encoding, err)
		}
		_, err := decoder.NewData(m, items, decoder.DataOptions{Together: 2})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "(DataOptions.Together)") {
			t.Errorf("%s: %v, want %q", encoding, err, want)
		}
	}
	// A learned table needs as many places as a question alone, not as all of them.
	m := newModel(t, small("rope", decoder.Rows))
	n := dataOf(t, m, askedOfCities(), 1).Counts().Longest
	for places, ok := range map[int]bool{n: true, n - 1: false} {
		m := newModel(t, small(fmt.Sprint("learned:max-length=", places), decoder.Rows))
		_, err := decoder.NewData(m, []decoder.Item{{Table: cities(), Questions: askedOfCities()}}, decoder.DataOptions{Together: 5})
		if ok != (err == nil) {
			t.Errorf("a table of %d places for %d: %v", places, n, err)
		}
	}
}

// TestTogetherBranches: the branches of an example begin with the questions.
func TestTogetherBranches(t *testing.T) {
	m := newModel(t, small("two-order", decoder.Both))
	e := example(t, m, decoder.DataOptions{Together: 3}, askedOfCities()[1:4]...)
	all := slices.Concat(e.Prompt, e.Target)
	var got []string
	for k, from := range e.Branches {
		to := len(all)
		if k+1 < len(e.Branches) {
			to = e.Branches[k+1]
		}
		got = append(got, m.Tokenizer.Decode(all[from:to]))
	}
	if want := "where is rome ? <answer> italy <eos>; oslo ? <answer> true <eos>; which city is in norway ? <answer> oslo <eos>"; strings.Join(got, "; ") != want {
		t.Errorf("branches %q, want %q", got, want)
	}
	if e := example(t, m, decoder.DataOptions{Together: 3}, askedOfCities()[0]); e.Branches != nil {
		t.Errorf("one question has the branches %v", e.Branches)
	}
}

// BenchmarkTogether tells what a step costs for a token that is read, with questions of one table asked alone and
// together, and in one sequence that is no trunk with branches.
func BenchmarkTogether(b *testing.B) {
	c := small("two-order", decoder.Both)
	c.Layers, c.Width, c.Heads, c.KVHeads, c.FeedForwardWidth = 2, 128, 4, 4, 344
	m := newModel(b, c)
	table := cities()
	for i := range 20 {
		table.Rows = append(table.Rows, []string{"cairo", "egypt and norway", fmt.Sprint(i)})
	}
	var questions []decoder.Question
	for range 2 {
		questions = append(questions, askedOfCities()[1:]...)
	}
	run := func(name string, together int, flat bool) {
		b.Run(name, func(b *testing.B) {
			d, err := decoder.NewData(m, []decoder.Item{{Table: table, Questions: questions}}, decoder.DataOptions{Together: together})
			if err != nil {
				b.Fatal(err)
			}
			var list []sequences.Example
			for i := range d.Len() {
				e, err := d.Example(i)
				if err != nil {
					b.Fatal(err)
				}
				if flat {
					e.Branches = nil
				}
				list = append(list, e)
			}
			batch, err := sequences.NewBatch(m.Decoder, list, sequences.BatchOptions{})
			if err != nil {
				b.Fatal(err)
			}
			tp := tensor.NewTape()
			for b.Loop() {
				tp.Begin(tensor.Pass{Train: true, Grad: true})
				tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, batch), batch.Targets()))
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(batch.IDs)), "us/token")
			b.ReportMetric(float64(len(batch.IDs)), "tokens")
		})
	}
	run("alone", 1, false)
	run("together", 8, false)
	run("in a row", 8, true)
}
