package studies

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
)

// tiny is a study that takes a fraction of a second.
func tiny(t *testing.T, names ...string) Lengths {
	t.Helper()
	s := Lengths{
		Task: "copy", Options: lengths.Options{Train: lengths.Range{Min: 2, Max: 3}, Symbols: 3}, Seeds: []uint64{1, 7},
		Model: Decoder(sequences.Config{Layers: 1, Width: 16, Heads: 2}), Steps: 30, BatchSize: 8, LR: 1e-2, Tests: 6, Validations: 7, Examples: 100,
	}
	for _, name := range names {
		subject, err := SubjectByName(name)
		if err != nil {
			t.Fatal(err)
		}
		s.Subjects = append(s.Subjects, subject)
	}
	return s
}

// untimed are the results without what no two runs share.
func untimed(cells []Cell) []Cell {
	var out []Cell
	for _, c := range cells {
		c.TrainSeconds, c.TestSeconds = 0, 0
		out = append(out, c)
	}
	return out
}

func run(t *testing.T, s Lengths) []Cell {
	t.Helper()
	cells, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cells
}

func TestSameSeedSameNumbers(t *testing.T) {
	s := tiny(t, "none", "rope", "t5-bias-causal")
	want := untimed(run(t, s))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := untimed(run(t, s)); !reflect.DeepEqual(got, want) {
		t.Errorf("on one processor\n%+v\non several\n%+v", got, want)
	}
	if len(want) != 6 || want[0].Encoding != "none" || want[1].Seed != 7 || want[5].Encoding != "t5-bias-causal" {
		t.Errorf("results in the wrong order: %+v", want)
	}
	if want[0].Loss == want[1].Loss {
		t.Error("two seeds, one loss")
	}
	if c := want[5]; c.Parameters != want[0].Parameters+2*32 || c.Steps != 30 || c.BestStep < 1 || c.BestStep > 30 {
		t.Errorf("t5-bias-causal: %+v beside %+v", c, want[0])
	}
	for i, score := range want[0].Scores {
		if wanted := (Score{Length: i + 2, Trained: i < 2, Right: score.Right, Examples: 6}); score != wanted {
			t.Errorf("score %d is %+v, want %+v", i, score, wanted)
		}
	}
}

// TestOnlyTheEncodingDiffers compares what two models start from and what they are shown.
func TestOnlyTheEncodingDiffers(t *testing.T) {
	st, err := tiny(t, "none", "t5-bias-causal").prepare()
	if err != nil {
		t.Fatal(err)
	}
	a, errA := st.begin(opening{st.Subjects[0], 7})
	b, errB := st.begin(opening{st.Subjects[1], 7})
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	mine, others := nn.Collect(a.model).All(), 0
	for _, p := range nn.Collect(b.model).All() {
		if strings.HasPrefix(p.Path, "encoding.") {
			continue
		}
		if q := mine[others]; q.Path != p.Path || !reflect.DeepEqual(q.Tensor.Data(), p.Tensor.Data()) {
			t.Errorf("%s is not %s of the other model", p.Path, q.Path)
		}
		others++
	}
	if others != len(mine) {
		t.Errorf("%d tensors beside the encoding's, want %d", others, len(mine))
	}
	for step := range 40 {
		x, errA := a.examples.batch(step)
		y, errB := b.examples.batch(step)
		if errA != nil || errB != nil || len(x) != 8 || !reflect.DeepEqual(x, y) {
			t.Fatalf("step %d: the batches differ: %v %v", step, errA, errB)
		}
	}
}

func TestResumedIsUninterrupted(t *testing.T) {
	s := tiny(t, "rope", "alibi")
	want := untimed(run(t, s))
	for _, stop := range []struct {
		name string
		at   func(Progress) bool
	}{
		{"in the training", func(p Progress) bool { return p.Step == 13 }},
		{"before a validation", func(p Progress) bool { return p.Step == 9 }},
		{"at the last step", func(p Progress) bool { return p.Step == 30 }},
		{"in the test", func(p Progress) bool { return p.Length == 5 }},
	} {
		s := s
		s.Dir = filepath.Join(t.TempDir(), "a", "study")
		var got []Cell
		rounds := 0
		for last := (Progress{}); ; rounds++ {
			ctx, cancel := context.WithCancel(t.Context())
			s.OnProgress = func(p Progress) {
				now := Progress{Encoding: p.Encoding, Seed: p.Seed} // stop once a cell
				if stop.at(p) && now != last {
					last = now
					cancel()
				}
			}
			var err error
			got, err = s.Run(ctx)
			cancel()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) || len(got) != rounds {
				t.Fatalf("%s: round %d: %d results and %v", stop.name, rounds, len(got), err)
			}
		}
		if rounds != 4 || !reflect.DeepEqual(untimed(got), want) {
			t.Errorf("%s: after %d interruptions\n%+v\nwant\n%+v", stop.name, rounds, untimed(got), want)
		}
		if names, _ := filepath.Glob(filepath.Join(s.Dir, "*")); len(names) != 2 {
			t.Errorf("%s: the folder has %v in the end", stop.name, names)
		}
	}
}

// TestKilled ends a study without a word, after which only what was written on the way is there.
func TestKilled(t *testing.T) {
	s := tiny(t, "rope")
	s.Seeds = []uint64{3}
	want := untimed(run(t, s))
	s.Dir, s.CheckpointInterval = t.TempDir(), time.Nanosecond
	var steps []int
	s.OnProgress = func(p Progress) {
		steps = append(steps, p.Step)
		if p.Step == 17 && len(steps) == 17 {
			panic("killed")
		}
	}
	func() {
		defer func() { _ = recover() }()
		run(t, s)
	}()
	if got := untimed(run(t, s)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if steps[17] != 17 { // the checkpoint of step 17 was not written yet: it is done again
		t.Errorf("went on with step %d", steps[17])
	}
	steps = nil
	if got := untimed(run(t, s)); !reflect.DeepEqual(got, want) || steps != nil {
		t.Errorf("a study that is done: %+v after steps %v", got, steps)
	}
}

// TestLearns makes sure that there is something to compare.
func TestLearns(t *testing.T) {
	s := tiny(t, "rope")
	s.Seeds, s.Steps, s.Model, s.Examples = s.Seeds[:1], 300, Decoder(sequences.Config{Layers: 2, Width: 32, Heads: 2}), 0
	s.Tests = 20
	c := run(t, s)[0]
	if got := c.Scores.Mean(lengths.Range{Min: 2, Max: 3}); got < 0.9 {
		t.Errorf("%.2f right of the trained lengths: %+v", got, c)
	}
}

// TestEveryEncodingServes holds what Readings promises against models and tasks, for every encoding there is.
func TestEveryEncodingServes(t *testing.T) {
	seen := map[Reading]int{}
	for _, name := range append(encodings.Names(), "md-lrpe:axes=1", "md-tpe:axes=1", "seqpe:axes=2", "comrope-ld:axes=1") {
		e, err := encodings.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range Readings(e) {
			seen[r]++
			s := tiny(t, name+"@"+r.String())
			s.Model = Decoder(sequences.Config{Layers: 2, Width: 32, Heads: 2})
			if r.TwoDimensional() {
				if err := s.Check(); err == nil || !strings.Contains(err.Error(), "the task has no grid") {
					t.Errorf("%s on copy: %v", name, err)
				}
				s.Task, s.Options = "locate", lengths.Options{Train: lengths.Range{Min: 2, Max: 2}, Test: lengths.Range{Min: 3, Max: 3}}
			}
			if err := s.Check(); err != nil {
				t.Errorf("%s, %v: %v", name, r, err)
			}
		}
	}
	if seen[InLine] < 15 || seen[OnPlane] < 8 || seen[InClip] < 2 || seen[InOrders] < 10 {
		t.Errorf("encodings for each reading: %v", seen)
	}
}

func TestLocate(t *testing.T) {
	s := Lengths{
		Task: "locate", Options: lengths.Options{Train: lengths.Range{Min: 2, Max: 2}, Test: lengths.Range{Min: 3, Max: 3}, Symbols: 9},
		Model: Decoder(sequences.Config{Layers: 1, Width: 32, Heads: 2}), Steps: 2, BatchSize: 2, Tests: 2,
	}
	cells := run(t, s)
	if len(cells) != 11 {
		t.Errorf("%d results of the default encodings", len(cells))
	}
	for _, c := range cells {
		if math.IsNaN(c.Loss) || len(c.Scores) != 2 || c.Scores[1].Trained {
			t.Errorf("%+v", c)
		}
	}
}

func TestSubjectByName(t *testing.T) {
	for name, want := range map[string]Subject{
		"alibi":            {Encoding: encodings.ALiBi{}},
		"rope:partial=0.5": {Encoding: encodings.RoPE{Partial: 0.5}},
		"sinusoidal@plane": {Encoding: encodings.Sinusoidal{}, Reading: OnPlane},
		"axial-rope":       {Encoding: encodings.AxialRoPE{}, Reading: OnPlane},
		"mrope":            {Encoding: encodings.MRoPE{}},
		"mrope@clip":       {Encoding: encodings.MRoPE{}, Reading: InClip},
		"two-order":        {Encoding: encodings.TwoOrder{}, Reading: InOrders},
	} {
		want.Name = name
		if got, err := SubjectByName(name); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"alybi": `did you mean "alibi"?`, "rope@plain": `unknown reading "plain"; did you mean "plane"? (known: line, plane, clip, orders)`,
		"laplacian": "laplacian is not for decoders", "rope:": "unknown setting",
	} {
		if _, err := SubjectByName(name); err == nil || !strings.HasPrefix(err.Error(), "studies: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if n := len(DefaultSubjects(false)); n != 6 {
		t.Errorf("%d encodings by default", n)
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		change func(*Lengths)
		want   string
	}{
		{func(s *Lengths) { s.Task = "cpy" }, `unknown task "cpy"; did you mean "copy"?`},
		{func(s *Lengths) { s.Task = "" }, `unknown task ""`},
		{func(s *Lengths) { s.Task = "scan" }, "examples of scan cannot be generated"},
		{func(s *Lengths) { s.Steps = -1 }, "Steps is -1: want at least 1"},
		{func(s *Lengths) { s.Tests = -2 }, "Tests is -2"},
		{func(s *Lengths) { s.LR = math.NaN() }, "LR is NaN"},
		{func(s *Lengths) { s.Warmup = 2 }, "Warmup is 2: want a number from 0 to 1"},
		{func(s *Lengths) { s.Validations = 31 }, "31 validations in 30 steps"},
		{func(s *Lengths) { s.CheckpointInterval = -1 }, "CheckpointInterval"},
		{func(s *Lengths) { s.Subjects = []Subject{} }, "nothing to do"},
		{func(s *Lengths) { s.Subjects[1].Name = "rope" }, "the encoding rope is there twice"},
		{func(s *Lengths) { s.Subjects[1].Name = "a/b" }, `"a/b" is no name`},
		{func(s *Lengths) { s.Subjects[1].Encoding = nil }, "there is no Encoding"},
		{func(s *Lengths) { s.Subjects[1].Reading = 9 }, "there is no Reading(9)"},
		{func(s *Lengths) { s.Seeds = []uint64{4, 4} }, "the seed 4 is there twice"},
		{func(s *Lengths) { s.Options.Train.Max = 0 }, "lengths 2-0 do not exist"},
		{func(s *Lengths) { s.Model.Heads = 3 }, "rope cannot serve copy_cmc: sequences: heads 3 do not divide width 16"},
		{func(s *Lengths) { s.Subjects[0].Encoding = encodings.Learned{MaxLength: 10} }, "rope cannot serve copy_cmc"},
	} {
		s := tiny(t, "rope", "none")
		c.change(&s)
		if err := s.Check(); err == nil || !strings.HasPrefix(err.Error(), "studies: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	s := tiny(t, "none")
	s.LR, s.Clip = 1e30, 1e30
	if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "try a lower learning rate") {
		t.Errorf("a rate of 1e30: %v", err)
	}
	s = tiny(t, "none")
	wrong := errors.New("enough")
	s.OnCell = func(Cell) error { return wrong }
	if cells, err := s.Run(t.Context()); err != wrong || len(cells) != 1 {
		t.Errorf("an error of OnCell: %d results, %v", len(cells), err)
	}
	s = tiny(t, "none")
	s.Dir = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(s.Dir, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "studies: ") {
		t.Errorf("a folder that is a file: %v", err)
	}
}

func TestPresets(t *testing.T) {
	for _, name := range append(TaskNames(), "copy", "reverse", "sort") {
		small, err := Small(name)
		if err != nil {
			t.Fatal(err)
		}
		full, err := Published(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := small.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if full.Steps != 40_000 || full.Model.Layers != 12 || full.Model.Dropout != 0.1 || len(full.Seeds) != 3 {
			t.Errorf("%s: published %+v", name, full)
		}
		filled, err := Lengths{Task: name}.WithDefaults()
		if err != nil || filled.Steps != small.Steps || !reflect.DeepEqual(filled.Options, small.Options) || len(filled.Subjects) != len(small.Subjects) {
			t.Errorf("%s: defaults %+v, %v", name, filled, err)
		}
	}
}

func TestStreamShowsEveryExample(t *testing.T) {
	s := stream{study: &study{Lengths: Lengths{Examples: 10}}, seed: 5, round: -1}
	var rounds [2][]int
	for at := range 20 {
		rounds[at/10] = append(rounds[at/10], s.number(at))
	}
	for _, order := range rounds {
		seen := map[int]bool{}
		for _, n := range order {
			seen[n] = true
		}
		if len(seen) != 10 {
			t.Errorf("a round shows %v", order)
		}
	}
	if reflect.DeepEqual(rounds[0], rounds[1]) {
		t.Error("both rounds have one order")
	}
	late := stream{study: s.study, seed: 5, round: -1}
	if late.number(13) != rounds[1][3] {
		t.Error("going on gives another order")
	}
	s.study.Examples = 0
	if s.number(1234) != 1234 {
		t.Error("without a number of examples one comes twice")
	}
}
