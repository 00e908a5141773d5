package reconstruction

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// small is a model of three joints that takes next to no time.
var small = tokenizer.Config{Joints: 3, Widths: [2]int{4, 8}, Groups: 2, CodeWidth: 6, Codes: 10, Reset: tokenizer.ResetLasting, ResetEvery: 3}

// swing is a clip in which joints go round in circles.
func swing(name string, frames int, unit float64) *motion.Clip {
	c := &motion.Clip{Name: name, Unit: unit, Skeleton: &motion.Skeleton{Joints: []string{"a", "b", "c"}, Parents: []int{-1, 0, 1}}}
	for f := range frames {
		for j := range 3 {
			sin, cos := math.Sincos(float64(f)/7 + float64(j+len(name)))
			c.Positions = append(c.Positions, float32(100*sin), float32(80*cos), float32(1000+50*sin*cos))
		}
	}
	return c
}

func experiment() Experiment {
	return Experiment{Config: small, Seed: 3, Train: []*motion.Clip{swing("one", 40, 0.001), swing("three", 30, 0.001)},
		Held: []*motion.Clip{swing("held", 21, 0.001)}, Data: tokenizer.DataOptions{Frames: 17, Stride: 4}}
}

// TestBaselines: the figures of the simple ways, computed elsewhere (mtvcrafter.md, section 7).
func TestBaselines(t *testing.T) {
	held := map[string]float64{"clip0": 24.5, "clip1": 65.7, "clip2": 41.8, "clip3": 36.9, "clip4": 67.5}
	lines := map[string]float64{"clip0": 13.0, "clip1": 38.1, "clip2": 25.6, "clip3": 23.5, "clip4": 41.8}
	for _, c := range golden.Files(t, "mtvcrafter_clips", "clip") {
		pose := c.Tensor("pose")
		clip := &motion.Clip{Name: c.Name, Unit: 0.001, Skeleton: motion.SMPL(), Positions: pose.Data()}
		if got := motion.MPJPE(clip, Held(clip, 4)); math.Abs(got-held[c.Name]) > 0.05001 {
			t.Errorf("%s: held %.2f, want %.1f", c.Name, got, held[c.Name])
		}
		if got := motion.MPJPE(clip, Interpolated(clip, 4)); math.Abs(got-lines[c.Name]) > 0.3 { // the ends are held otherwise there
			t.Errorf("%s: interpolated %.2f, want %.1f", c.Name, got, lines[c.Name])
		}
	}
}

// TestMetric: the metric of standardised places, in batches, is motion's of the clips, in millimetres.
func TestMetric(t *testing.T) {
	e := experiment()
	m, task, err := e.Task()
	if err != nil {
		t.Fatal(err)
	}
	if n := task.Metric.Name(); n != "mpjpe mm" || task.Metric.HigherIsBetter() {
		t.Errorf("metric %q", n)
	}
	clip := swing("held", 21, 0.001)
	again := clip.Clone()
	for i := range again.Positions {
		again.Positions[i] += float32(i%7) - 3
	}
	want := motion.MPJPE(clip, again)
	moments := m.Moments()
	p, q := moments.Standardise(again), moments.Standardise(clip)
	whole := task.Metric.New()
	whole.Add(tensor.FromSlice(p, 63, 3), tensor.FromSlice(q, 63, 3))
	first, second := task.Metric.New(), task.Metric.New()
	first.Add(tensor.FromSlice(p[:90], 30, 3), tensor.FromSlice(q[:90], 30, 3))
	if err := second.Restore(first.State()); err != nil {
		t.Fatal(err)
	}
	missing := append(append([]float32(nil), q[90:]...), make([]float32, 9)...)
	for i := range 9 {
		missing[len(missing)-1-i] = float32(math.NaN())
	}
	second.Add(tensor.FromSlice(append(append([]float32(nil), p[90:]...), make([]float32, 9)...), 36, 3), tensor.FromSlice(missing, 36, 3))
	for _, meter := range []train.Meter{whole, second} {
		if got := meter.Value(); math.Abs(got-want) > 1e-4*want {
			t.Errorf("%v mm, want %v", got, want)
		}
	}
	if second.Restore([]float64{1}) == nil {
		t.Error("a state of one number was taken")
	}
	if v := task.Metric.New().Value(); v == v {
		t.Errorf("of nothing: %v", v)
	}
	unknown, err := MPJPEOf(m, []*motion.Clip{swing("a", 9, 0)})
	if err != nil || unknown.Name() != "mpjpe" {
		t.Errorf("without a unit: %q, %v", unknown.Name(), err)
	}
}

func TestWrongClips(t *testing.T) {
	four := swing("four", 20, 0.001)
	four.Skeleton = &motion.Skeleton{Joints: []string{"a", "b", "c", "d"}, Parents: []int{-1, 0, 1, 2}}
	for _, c := range []struct {
		change func(*Experiment)
		want   string
	}{
		{func(e *Experiment) { e.Train = nil }, "no clips to train on"},
		{func(e *Experiment) { e.Train[0] = four }, `clip "four": it has 4 joints`},
		{func(e *Experiment) { e.Held[0].Unit = 1 }, `clip "held": its unit is 1 metres, and that of clip "one" is 0.001`},
		{func(e *Experiment) { e.Config.Groups = 3 }, "Groups 3"},
		{func(e *Experiment) { e.Data.Frames = 41 }, "no window of 41 frames"},
		{func(e *Experiment) { e.Held[0] = swing("no", 0, 0.001) }, `clip "no": it has no frames`},
	} {
		e := experiment()
		c.change(&e)
		if _, _, err := e.Fit(context.Background(), e.Options(1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// state is all numbers of a model.
func state(m nn.Module) []float32 {
	var all []float32
	for _, p := range nn.Collect(m).All() {
		all = append(all, p.Tensor.Data()...)
	}
	return all
}

// TestResume: a run that was cut short and resumed ends with the bits of one that was not, codebook and all.
func TestResume(t *testing.T) {
	e := experiment()
	straight, _, err := e.Fit(context.Background(), e.Options(3))
	if err != nil {
		t.Fatal(err)
	}
	_, task, err := e.Task()
	if err != nil {
		t.Fatal(err)
	}
	o := e.Options(3)
	o.Dir, o.CheckpointSteps = t.TempDir(), 1
	stop := errors.New("enough")
	o.Hooks.OnStep = func(s train.StepInfo) error {
		if s.Step == 3 {
			return stop
		}
		return nil
	}
	if _, err := train.Fit(context.Background(), task, o); !errors.Is(err, stop) {
		t.Fatalf("the run was not cut short: %v", err)
	}
	m, task, err := e.Task()
	if err != nil {
		t.Fatal(err)
	}
	o.Hooks = train.Hooks{}
	if _, err := train.Resume(context.Background(), task, o, o.Dir); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(state(straight), state(m)) {
		t.Error("the resumed run has other bits")
	}
}

func TestReport(t *testing.T) {
	e := experiment()
	m, r, err := e.Fit(context.Background(), e.Options(2))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 3 || r.Codebook != 10 || r.Use.Codes < 1 {
		t.Fatalf("report %+v", r)
	}
	sum := 0.0
	for _, row := range r.Rows {
		if !(row.MPJPE > 0) || row.Codes < 1 || !(row.Perplexity >= 1-1e-4) {
			t.Errorf("row %+v", row)
		}
		sum += row.MPJPE * float64(row.Frames)
	}
	if got := r.Mean(); math.Abs(got-sum/91) > 1e-9 {
		t.Errorf("mean %v, want %v", got, sum/91)
	}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil || strings.Count(b.String(), "\n") != 5 || !strings.Contains(b.String(), fmt.Sprintf("%9.1f", r.Rows[2].MPJPE)) {
		t.Errorf("%v\n%s", err, b.String())
	}
	if _, err := Measure(m, []*motion.Clip{{Name: "none"}}); err == nil {
		t.Error("a clip without a skeleton was measured")
	}
	if v := (&Report{}).Mean(); v == v {
		t.Errorf("mean of nothing: %v", v)
	}
}
