package tokenizer

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		change func(*Config)
		want   string
	}{
		{func(*Config) {}, ""},
		{func(c *Config) { c.Joints = -1 }, "Joints is -1"},
		{func(c *Config) { c.Joints = 5000 }, "at most 4095"},
		{func(c *Config) { c.Groups = 3 }, "Groups 3 do not divide Widths[0]"},
		{func(c *Config) { c.TimeStrides[1] = 3 }, "TimeStrides[1] is 3"},
		{func(c *Config) { c.JointStrides[0] = 2 }, "divisor of the 3 joints"},
		{func(c *Config) { c.SliceFrames = 12 }, "SliceFrames is 12: want a multiple of 8"},
		{func(c *Config) { c.Momentum = 1 }, "Momentum is 1"},
		{func(c *Config) { c.Commitment = -1 }, "Commitment is -1"},
		{func(c *Config) { c.Reset = 9 }, "Reset"},
		{func(c *Config) { c.Reference = 9 }, "Reference"},
	} {
		config := toy.WithDefaults()
		c.change(&config)
		_, err := New(config, 1)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	for _, c := range []Config{MTVCrafter(), Small()} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
	if c := MTVCrafter(); c.dilation(128) != 3 || c.dilation(512) != 1 || c.Steps(49) != 13 || c.TokenJoints() != 24 {
		t.Errorf("published: %+v", c)
	}
}

func TestNames(t *testing.T) {
	for _, name := range ResetNames() {
		var r Reset
		if err := r.UnmarshalText([]byte(name)); err != nil || r.String() != name {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	for _, name := range ReferenceNames() {
		var r Reference
		if err := r.UnmarshalText([]byte(name)); err != nil || r.String() != name {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	if _, err := ParseReset("lastin"); err == nil || !strings.Contains(err.Error(), `"lasting"`) {
		t.Errorf("%v", err)
	}
}

// TestSteps: what is said of frames and steps is what encoder and decoder do, at every length.
func TestSteps(t *testing.T) {
	for _, change := range []func(*Config){
		func(*Config) {},
		func(c *Config) { c.TimeStrides = [2]int{1, 2} },
		func(c *Config) { c.TimeStrides = [2]int{1, 1}; c.SliceFrames = 3 },
		func(c *Config) { c.Joints = 6; c.JointStrides = [2]int{2, 3} },
		func(c *Config) { c.TimeStrides = [2]int{2, 1}; c.SliceFrames = 4 },
	} {
		c := toy
		change(&c)
		c = c.WithDefaults()
		m, tp := mustModel(t, c), tensor.NewTape()
		for _, frames := range []int{1, 3, 4, 7, 8, 9, 10, 16, 17, 18, 26} {
			padded := c.PaddedFrames(frames)
			if padded < frames || padded-frames >= c.SliceFrames {
				t.Fatalf("%d frames become %d", frames, padded)
			}
			grid := tensor.RaggedGrid(appendSlices(nil, padded, c.SliceFrames, c.Joints))
			tp.Begin(tensor.Pass{})
			latent, small := m.Encoder.Apply(tp, tp.Const(tensor.New(grid.Rows(), 3)), grid)
			if want := c.Steps(frames) * c.TokenJoints(); latent.Rows() != want {
				t.Fatalf("%+v: %d frames: %d tokens, want %d", c, frames, latent.Rows(), want)
			}
			if again := tensor.RaggedGrid(appendSlices(nil, c.Steps(frames), c.SliceFrames/c.TimeStride(), c.TokenJoints())); !again.Equal(small) {
				t.Fatalf("%+v: %d frames: the decoder's slices are %v, the encoder's %v", c, frames, again, small)
			}
			if _, back := m.Decoder.Apply(tp, latent, small); !back.Equal(grid) {
				t.Fatalf("%+v: %d frames come back as %v, want %v", c, frames, back, grid)
			}
		}
	}
}

// TestOneByOne: clips in a batch come out as they do alone, to the bit.
func TestOneByOne(t *testing.T) {
	m, _ := trained(t, toy, 5)
	d, err := NewData(m, []*motion.Clip{swing("a", 9, 3), swing("ab", 40, 3), swing("abc", 21, 3)}, DataOptions{Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	forward := func(items ...int) []float32 {
		b, err := d.Prepare(items)
		if err != nil {
			t.Fatal(err)
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		return slices.Clone(m.Forward(tp, b).Data())
	}
	if got, want := forward(0, 1, 2), slices.Concat(forward(0), forward(1), forward(2)); !slices.Equal(got, want) {
		t.Error("a batch differs from its clips one by one")
	}
}

// TestEncodeDecode: tokens give what the model gives in one pass, for a clip of more slices than go through at a time.
func TestEncodeDecode(t *testing.T) {
	for _, reference := range []Reference{Absolute, FirstFrame} {
		c := toy
		c.Reference = reference
		m, _ := trained(t, c, 8)
		clip := swing("long clip", 8*passSlices+31, 3)
		tokens, err := m.Encode(clip)
		if err != nil {
			t.Fatal(err)
		}
		again, err := m.Decode(tokens)
		if err != nil {
			t.Fatal(err)
		}
		d, err := NewData(m, []*motion.Clip{clip}, DataOptions{Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		b, err := d.Prepare([]int{0})
		if err != nil {
			t.Fatal(err)
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		whole := m.Moments().Restore(m.Forward(tp, b).Data()[:len(clip.Positions)], clip)
		for i := range whole.Positions {
			if reference == FirstFrame {
				whole.Positions[i] += clip.Positions[i%9]
			}
		}
		if again.Frames() != clip.Frames() || !slices.Equal(whole.Positions, again.Positions) {
			t.Errorf("%v: decoded tokens differ from one pass", reference)
		}
		if b.Targets().Rows() != m.Config.PaddedFrames(clip.Frames())*3 || b.Targets().Data()[len(clip.Positions)] == b.Targets().Data()[len(clip.Positions)] {
			t.Error("frames that were added are targets")
		}
		vectors, err := m.Vectors(tokens)
		if err != nil || vectors.Rows() != tokens.Steps()*3 || !slices.Equal(vectors.Row(4), m.Codebook.Vectors.Row(int(tokens.At(1, 1)))) {
			t.Errorf("vectors %v, %v", vectors.Shape(), err)
		}
	}
}

func TestWrongClips(t *testing.T) {
	m := mustModel(t, toy)
	bad := swing("bad", 9, 3)
	bad.Positions[5] = float32(math.NaN())
	for _, c := range []struct {
		clip *motion.Clip
		want string
	}{
		{swing("four", 9, 4), `clip "four": it has 4 joints, and the model 3`},
		{swing("none", 0, 3), `clip "none": it has no frames`},
		{bad, `clip "bad": frame 0: joint "b"`},
	} {
		if _, err := m.Encode(c.clip); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Encode: %v, want %q", err, c.want)
		}
		if _, err := NewData(m, []*motion.Clip{c.clip}, DataOptions{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("NewData: %v, want %q", err, c.want)
		}
	}
	for want, o := range map[string]DataOptions{"no window of 49 frames in 1 clips, of which the longest has 9": {}, "windows of 12 frames": {Frames: 12}, "every -1": {Stride: -1}} {
		if _, err := NewData(m, []*motion.Clip{swing("short", 9, 3)}, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := m.SetMoments(motion.Moments{Mean: make([]float32, 9), Std: make([]float32, 9)}); err == nil {
		t.Error("deviations of 0 were taken")
	}
	if err := m.SetMoments(motion.Moments{Mean: make([]float32, 3), Std: make([]float32, 3)}); err == nil {
		t.Error("moments of one joint were taken")
	}
}

// TestBuffers: no parameter is without a gradient, and codebook and moments are state that no optimiser moves.
func TestBuffers(t *testing.T) {
	m, d := trained(t, toy, 3)
	var names []string
	for _, b := range nn.Collect(m).Buffers() {
		names = append(names, b.Path)
	}
	if want := []string{"codebook.vectors", "codebook.sums", "codebook.counts", "codebook.used", "codebook.calls", "mean", "std"}; !slices.Equal(names, want) {
		t.Errorf("buffers %v, want %v", names, want)
	}
	b, err := d.Prepare([]int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	loss := nn.L1{}.Loss(tp, m.Forward(tp, b), b.Targets())
	parts := m.LossParts(tp)
	if len(parts) != 1 || parts[0].Name != "commitment" || !(parts[0].Value > 0) || m.LastUse().Codes == 0 {
		t.Errorf("loss parts %v, use %v", parts, m.LastUse())
	}
	if m.LossParts(tensor.NewTape()) != nil {
		t.Error("loss parts of another tape")
	}
	tp.Backward(loss)
	for _, p := range nn.Collect(m).Trainable() {
		if !slices.ContainsFunc(tp.Grad(p.Tensor), func(v float32) bool { return v != 0 }) {
			t.Errorf("%s has no gradient", p.Path)
		}
	}
}

func TestLoadOfficial(t *testing.T) {
	m, state := mustModel(t, toy), map[string]*tensor.Tensor{}
	for k, line := range m.Official() {
		state[line.Name] = normal(uint64(k), line.Tensor.Shape()...)
	}
	state[officialCodebook] = normal(100, 10, 6)
	if err := m.LoadOfficial(state); err != nil {
		t.Fatal(err)
	}
	if !m.Codebook.Filled() || !slices.Equal(m.Codebook.Vectors.Data(), state[officialCodebook].Data()) {
		t.Error("the codebook was not read")
	}
	delete(state, "decoder.conv_out.bias")
	state["encoder.other"] = tensor.New(1)
	state["encoder.resnet2.conv_short.weight"] = tensor.New(2)
	err := m.LoadOfficial(state)
	for _, want := range []string{"missing decoder.conv_out.bias", "unexpected encoder.other", "encoder.resnet2.conv_short.weight has shape [2], want [8 4 1 1]"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
