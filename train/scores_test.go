package train

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

func TestScoresJSON(t *testing.T) {
	s := Scores{{"loss", 0.1}, {"a \"b\"", math.NaN()}, {"up", math.Inf(1)}, {"down", math.Inf(-1)}, {"tiny", 5e-324}, {"zero", math.Copysign(0, -1)}}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"loss":0.1,"a \"b\"":null,"up":"+Inf","down":"-Inf","tiny":5e-324,"zero":-0}`; string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
	var back Scores
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	for i, x := range back {
		if x.Name != s[i].Name || math.Float64bits(x.Value) != math.Float64bits(s[i].Value) && s[i].Value == s[i].Value {
			t.Errorf("%v came back as %v", s[i], x)
		}
	}
	for _, bad := range []string{`[]`, `{"a":[]}`, `{"a":"b"}`, `7`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if err := json.Unmarshal([]byte("null"), &back); err != nil || back != nil {
		t.Errorf("null gave %v, %v", back, err)
	}
}

func TestScores(t *testing.T) {
	s := Scores{{"loss", 0.5}, {"mae", 0.25}}
	if s.Value("mae") != 0.25 || !math.IsNaN(s.Value("x")) || !s.Has("loss") || s.Has("x") {
		t.Error("scores are not found by name")
	}
	if s.String() != "loss 0.5, mae 0.25" {
		t.Errorf("%s", s)
	}
}

// TestTallyLoss: the loss of a split does not depend on how it is cut, also where targets are missing.
func TestTallyLoss(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	pred, target := tensor.New(20, 2), tensor.New(20, 2)
	for i := range pred.Data() {
		pred.Data()[i], target.Data()[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
		if i%3 == 0 || i > 33 {
			target.Data()[i] = nan32
		}
	}
	tp := tensor.NewTape()
	var want float64
	for _, size := range []int{20, 1, 3, 7, 13} {
		tally := newTally(nn.L1{}, []Metric{MAE{}})
		for lo := 0; lo < 20; lo += size {
			hi := min(lo+size, 20)
			p := tensor.FromSlice(pred.Data()[2*lo:2*hi], hi-lo, 2)
			y := tensor.FromSlice(target.Data()[2*lo:2*hi], hi-lo, 2)
			tp.Begin(tensor.Pass{})
			tally.add(float64(nn.L1{}.Loss(tp, tp.Const(p), y).Data()[0]), p, y)
		}
		s := tally.scores()
		if size == 20 {
			want = s.Value("loss")
		}
		if math.Abs(s.Value("loss")/want-1) > 1e-6 || math.Abs(s.Value("loss")/s.Value("mae")-1) > 1e-6 {
			t.Errorf("batches of %d: %v, want loss %v", size, s, want)
		}
	}
}

func TestPackFloats(t *testing.T) {
	x := []float64{0, math.Copysign(0, -1), 1, -math.Pi, math.Inf(1), math.NaN(), 5e-324, math.MaxFloat64,
		math.Float64frombits(0x7fa000017f800001), math.Float64frombits(0x00000001ffc00000)} // halves that are signalling NaNs of float32
	for i, y := range unpackFloats(packFloats(x)) {
		if math.Float64bits(x[i]) != math.Float64bits(y) {
			t.Errorf("%x came back as %x", math.Float64bits(x[i]), math.Float64bits(y))
		}
	}
}

func TestProgressCheck(t *testing.T) {
	for _, good := range []progress{{}, {Epoch: 3, Step: 15, BestEpoch: 3}, {Epoch: 1, Batch: 5, Step: 10}, {Epoch: 8, Step: 40}} {
		if err := good.check(8, 5); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for _, bad := range []progress{{Epoch: -1, Step: -5}, {Epoch: 9, Step: 45}, {Batch: 6, Step: 6}, {Epoch: 8, Batch: 1, Step: 41},
		{Step: 1}, {BestEpoch: 1}, {BestEpoch: -1}, {Batch: -1, Step: -1}} {
		if err := bad.check(8, 5); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

func TestOutliers(t *testing.T) {
	var o outliers
	rng := rand.New(rand.NewPCG(2, 2))
	for i := 0; i < outlierWindow; i++ {
		if z := o.add(10 + rng.NormFloat64()); z != 0 {
			t.Fatalf("value %d: deviation %v with too few values before it", i, z)
		}
	}
	if z := o.add(10); math.Abs(z) > 1 {
		t.Errorf("the mean deviates by %v", z)
	}
	if z := o.add(30); z < 15 || z > 25 {
		t.Errorf("20 standard deviations above: %v", z)
	}
	if o.worst < 15 {
		t.Errorf("worst is %v", o.worst)
	}
	if z := o.add(-300); z > -100 || o.worst != z {
		t.Errorf("far below: %v, worst %v", z, o.worst)
	}
	var back outliers
	if !back.restore(unpackFloats(packFloats(o.state()))) || back != o {
		t.Error("the state does not come back")
	}
	for _, bad := range [][]float64{nil, make([]float64, 7), append([]float64{-1}, make([]float64, outlierWindow+1)...), append([]float64{math.NaN()}, make([]float64, outlierWindow+1)...)} {
		if back.restore(bad) {
			t.Errorf("a state of %d numbers is taken", len(bad))
		}
	}
	var flat outliers
	for i := 0; i < 2*outlierWindow; i++ {
		flat.add(3)
	}
	if z := flat.add(4); z != 0 {
		t.Errorf("after equal values: %v, want 0, there is no scale", z)
	}
}

// TestOutlierWarning: a sudden batch of huge targets is warned of and logged.
func TestOutlierWarning(t *testing.T) {
	task, o := toyTask(), toyOptions(t.TempDir())
	data := task.Train.(*toyData)
	o.Epochs, o.Schedule = 40, nil
	kinds := map[WarningKind]int{}
	o.Hooks.OnWarning = func(w Warning) error {
		kinds[w.Kind]++
		if w.Step != 36*toySteps+1 && w.Kind == LossOutlier || !strings.Contains(w.Text, "standard deviations from the mean of the 128 steps before") {
			t.Errorf("warning %+v", w)
		}
		return nil
	}
	var worst float64
	o.Hooks.OnEpoch = func(e EpochInfo) error {
		if e.Epoch == 36 {
			order := make([]int, 37)
			shuffle(order, o.Seed, 36)
			for _, i := range order[:8] {
				data.y.Set(1e4, i, 0)
			}
		}
		if e.Epoch == 37 {
			worst = e.LossZ
			for i := range data.y.Data() {
				data.y.Data()[i] = 0
			}
		}
		return nil
	}
	if _, err := Fit(t.Context(), task, o); err != nil {
		t.Fatal(err)
	}
	if kinds[LossOutlier] != 1 || worst < outlierAt {
		t.Errorf("warnings %v, logged deviation %v", kinds, worst)
	}
}
