package tables

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/studies"
	"github.com/graft-ml/graft/tables/decoder"
)

// tiny is a study that takes a fraction of a second.
func tiny(t *testing.T, readers ...string) Study {
	t.Helper()
	s := Study{
		Tasks: []string{"locating-values"}, Sizes: []int{2, 3}, TestSizes: []int{2, 4}, Steps: 8, BatchTokens: 120, Tests: 3,
		Model: decoder.Config{Layers: 1, Width: 16, Heads: 2},
	}
	for _, name := range readers {
		r, err := ReaderByName(name)
		if err != nil {
			t.Fatal(err)
		}
		s.Readers = append(s.Readers, r)
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

func run(t *testing.T, s Study) []Cell {
	t.Helper()
	cells, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return untimed(cells)
}

func TestSameNumbersOnAnyProcessors(t *testing.T) {
	s := tiny(t)
	s.Tasks, s.Steps = nil, 4
	want := run(t, s)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := run(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("on one processor\n%+v\non several\n%+v", got, want)
	}
	if len(want) != 8 || want[1].Reader != "columns" || want[7].Task != "counting-stars" {
		t.Fatalf("results in the wrong order: %+v", want)
	}
	for _, c := range want {
		first := want[0]
		if c.Task != first.Task {
			first = want[4]
		}
		if off := float64(c.Parameters)/float64(first.Parameters) - 1; off < -0.01 || off > 0.01 {
			t.Errorf("%s has %d parameters, the first reader %d", c.Reader, c.Parameters, first.Parameters)
		}
		if c.Tokens != first.Tokens || c.Tokens < 4*120 {
			t.Errorf("%s learned from %d tokens, the first reader from %d", c.Reader, c.Tokens, first.Tokens)
		}
		for i, score := range c.Scores {
			if wanted := (Score{Size: []int{2, 4}[i], Trained: i == 0, Right: score.Right, Examples: 3}); score != wanted {
				t.Errorf("%s: score %d is %+v, want %+v", c.Reader, i, score, wanted)
			}
		}
		if routed(c.Reading) != (len(c.Columns) == 1) {
			t.Errorf("%s has router weights %v", c.Reader, c.Columns)
		}
	}
	if want[0].Loss == want[1].Loss {
		t.Error("two readers, one loss")
	}
	one := tiny(t, "rows")
	one.Steps, one.Seeds = 4, []uint64{1, 7}
	if seeds := run(t, one); len(seeds) != 2 || !reflect.DeepEqual(seeds[0], want[0]) || seeds[1].Seed != 7 || seeds[1].Loss == want[0].Loss {
		t.Errorf("of two seeds: %+v, want %+v first", seeds, want[0])
	}
}

// TestBudget holds the number of parameters against that of the routed pair in the default study.
func TestBudget(t *testing.T) {
	st, err := Study{}.prepare()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range st.openings {
		budget, err := st.budget(o.task)
		if err != nil {
			t.Fatal(err)
		}
		n, err := parameters(o.task, o.config)
		if err != nil {
			t.Fatal(err)
		}
		if off := float64(n)/float64(budget) - 1; off < -0.001 || off > 0.001 {
			t.Errorf("%s has %d parameters, the routed pair %d", o.reader.Name, n, budget)
		}
	}
}

// TestSameExamples compares what two models are shown.
func TestSameExamples(t *testing.T) {
	s := tiny(t, "rows", "two-order")
	s.Steps = 100
	st, err := s.prepare()
	if err != nil {
		t.Fatal(err)
	}
	rows, pair := st.openings[0], st.openings[1]
	ids := map[string]bool{}
	for step := range 20 {
		a, b := st.items(&rows, step), st.items(&pair, step)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("step %d: the examples differ", step)
		}
		for _, item := range a {
			name := item.Table.Name + strings.Join(item.Table.Header, " ")
			if ids[name] {
				t.Errorf("step %d: %s was there before", step, name)
			}
			ids[name] = true
		}
	}
	for step, want := range map[int]int{0: 1, 29: 1, 30: 2, 99: 2} { // of two sizes the second joins after half of 60 %
		if got := len(st.unlocked(step)); got != want {
			t.Errorf("step %d: %d sizes are unlocked, want %d", step, got, want)
		}
	}
	count := map[int]int{}
	for _, item := range st.items(&rows, 90) {
		count[item.Table.Columns()]++
	}
	if count[3] == 0 || len(count) > 2 {
		t.Errorf("sizes in the end: %v", count)
	}
}

func TestResumedIsUninterrupted(t *testing.T) {
	s := tiny(t, "two-order")
	want := run(t, s)
	for name, at := range map[string]func(Progress) bool{
		"in the training":  func(p Progress) bool { return p.Step == 3 && p.Size == 0 },
		"at the last step": func(p Progress) bool { return p.Step == 8 && p.Size == 0 },
		"in the test":      func(p Progress) bool { return p.Size == 4 },
	} {
		s := s
		s.Dir = filepath.Join(t.TempDir(), "a", "study")
		for rounds := 0; ; rounds++ {
			ctx, cancel := context.WithCancel(t.Context())
			stopped := false
			s.OnProgress = func(p Progress) {
				if rounds < 2 && at(p) && !stopped {
					stopped = true
					cancel()
				}
			}
			got, err := s.Run(ctx)
			cancel()
			if errors.Is(err, context.Canceled) {
				if _, err := os.Stat(filepath.Join(s.Dir, "unfinished")); err != nil {
					t.Errorf("%s: nothing is saved: %v", name, err)
				}
				continue
			}
			if err != nil || rounds == 0 || !reflect.DeepEqual(untimed(got), want) {
				t.Errorf("%s, after %d rounds: %v\n%+v\nwant\n%+v", name, rounds, err, got, want)
			}
			break
		}
		if _, err := os.Stat(filepath.Join(s.Dir, "unfinished")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: a training is left: %v", name, err)
		}
	}
}

func TestFolder(t *testing.T) {
	s := tiny(t, "rows")
	s.Dir, s.Steps = t.TempDir(), 2
	first := run(t, s)
	more := tiny(t, "columns", "rows")
	more.Dir, more.Steps, more.Tasks = s.Dir, 2, []string{"counting-stars", "locating-values"}
	var order []string
	more.OnCell = func(c Cell) error {
		order = append(order, c.Task[:1]+" "+c.Reader)
		return nil
	}
	got := run(t, more)
	if len(got) != 4 || !reflect.DeepEqual(got[3], first[0]) {
		t.Errorf("got %+v", got)
	}
	if want := []string{"l rows", "c columns", "c rows", "l columns"}; !reflect.DeepEqual(order, want) {
		t.Errorf("results came as %v, want %v", order, want)
	}
	if again := run(t, more); !reflect.DeepEqual(again, got) {
		t.Errorf("read back: %+v, want %+v", again, got)
	}
	other := s
	other.Steps = 3
	if _, err := other.Run(t.Context()); err == nil || !strings.Contains(err.Error(), `"steps: 2" there, "steps: 3" asked for`) {
		t.Errorf("other settings: %v", err)
	}
	other = s
	other.Readers = []Reader{{Name: "rows", Encoding: "rope:base=100", Reading: decoder.Rows}}
	if _, err := other.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "has results of rows set to encodings.RoPE{Base:0 ") {
		t.Errorf("another reader of the same name: %v", err)
	}
	cells := filepath.Join(s.Dir, CellsName)
	for line, want := range map[string]string{
		`{"task":"a","reader":"rows"}`:                                              "line 1: a result without scores; correct or remove the line",
		`{"task":"a","reader":"rows","scores":[{"size":2,"right":4,"examples":3}]}`: "4 of 3 right at size 2 is no score",
		`{"task":"a","reader":"rows","reading":"up"}`:                               `line 1: `,
	} {
		if err := os.WriteFile(cells, []byte(line+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		change func(*Study)
		want   string
	}{
		{func(s *Study) { s.Steps = -1 }, "Steps is -1: want at least 1"},
		{func(s *Study) { s.BatchTokens = -1 }, "BatchTokens is -1"},
		{func(s *Study) { s.Curriculum = 2 }, "Curriculum is 2: want a number from 0 to 1"},
		{func(s *Study) { s.Beta2 = 1 }, "Beta2 is 1"},
		{func(s *Study) { s.Sizes = []int{3, 3} }, "size 3 after 3: want the smallest first, each once"},
		{func(s *Study) { s.TestSizes = []int{1, 3} }, "a table of 1x1, expected 2 to "},
		{func(s *Study) { s.TestSizes = []int{} }, "there is nothing to do"},
		{func(s *Study) { s.Tasks = []string{"locating-value"} }, `unknown task "locating-value"; did you mean "locating-values"?`},
		{func(s *Study) { s.Tasks = []string{"counting-stars", "counting-stars"} }, "the task counting-stars is there twice"},
		{func(s *Study) { s.Readers = append(s.Readers, s.Readers[0]) }, "the reader rows is there twice"},
		{func(s *Study) { s.Readers[0].Name = "Rows" }, `"Rows" is no name for a reader`},
		{func(s *Study) { s.Readers[0].Reading = decoder.Plane }, "does not serve tables read as plane"},
		{func(s *Study) { s.Seeds = []uint64{4, 4} }, "the seed 4 is there twice"},
		{func(s *Study) { s.Model.Heads = 3 }, "heads 3 do not divide width 16"},
		{func(s *Study) { s.Model.MaxTokens = 30 }, "rows cannot serve locating-values: decoder: item 0: question 0: tables: "},
		{func(s *Study) { s.CheckpointInterval = -1 }, "CheckpointInterval is -1ns"},
		{func(s *Study) { s.LR = 1e30; s.Clip = 1e30 }, "try a lower learning rate than 1e+30"},
	} {
		s := tiny(t, "rows")
		c.change(&s)
		if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

func TestReaderByName(t *testing.T) {
	for _, want := range []Reader{
		{"rows", "rope", decoder.Rows}, {"rows:base=100", "rope:base=100", decoder.Rows}, {"columns", "rope", decoder.Columns},
		{"axial", "axial-rope", decoder.Plane}, {"two-order", "two-order:no-entropy", decoder.Both},
		{"two-order:router-width=8", "two-order:router-width=8:no-entropy", decoder.Both},
		{"two-order:entropy-weight=1", "two-order:entropy-weight=1", decoder.Both},
		{"two-order:no-entropy", "two-order:no-entropy", decoder.Both},
		{"alibi@columns", "alibi", decoder.Columns}, {"mixed-rope@plane", "mixed-rope", decoder.Plane},
	} {
		if got, err := ReaderByName(want.Name); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", want.Name, got, err, want)
		}
	}
	var unknown *studies.UnknownError
	if _, err := ReaderByName("row"); !errors.As(err, &unknown) || !strings.Contains(err.Error(), `unknown reader "row"; did you mean "rows"?`) {
		t.Errorf("row: %v", err)
	}
	var encoding *encodings.UnknownError
	if _, err := ReaderByName("alybi@rows"); !errors.As(err, &encoding) {
		t.Errorf("alybi@rows: %v", err)
	}
	if _, err := ReaderByName("rope@line"); err == nil || !strings.Contains(err.Error(), `unknown reading "line"`) {
		t.Errorf("rope@line: %v", err)
	}
}
