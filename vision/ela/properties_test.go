package ela

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// narrow are sizes of the gate for eight channels.
func narrow() map[string]Config {
	return map[string]Config{
		"shared":   {Kernel: 3, NormGroups: 4},
		"grouped":  {Kernel: 5, GroupWidth: 4, NormGroups: 2, Separate: true},
		"separate": {Kernel: 7, GroupWidth: 8, NormGroups: 1, Separate: true},
	}
}

const channels = 8

// mixed are maps of several sizes: of a line, of a column, of a pixel, of none.
func mixed() []tensor.Size {
	return []tensor.Size{{Height: 5, Width: 7}, {Height: 1, Width: 1}, {Height: 4, Width: 1}, {Height: 0, Width: 3}, {Height: 1, Width: 6}, {Height: 3, Width: 3}}
}

func made(t *testing.T, c Config) *Gate {
	t.Helper()
	g, err := New(c, channels, nn.NewInit(1))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(2, 3))
	for _, p := range nn.Collect(g).Trainable() {
		for i := range p.Tensor.Data() {
			p.Tensor.Data()[i] += float32(0.3 * rng.NormFloat64())
		}
	}
	return g
}

func noise(rows int, seed uint64) *tensor.Tensor {
	rng := rand.New(rand.NewPCG(seed, 7))
	x := tensor.New(rows, channels)
	for i := range x.Data() {
		x.Data()[i] = float32(rng.NormFloat64())
	}
	return x
}

// reference returns the gated map of one image, in float64, from the equations.
func reference(g *Gate, x *tensor.Tensor, s tensor.Size) []float64 {
	factors := func(strip *Strip, length, other int, at func(i, k int) int) []float64 {
		c, width, kernel := g.Config, g.Config.GroupWidth, g.Config.Kernel
		z, y := make([]float64, length*channels), make([]float64, length*channels)
		for i := range length {
			for ch := range channels {
				for k := range other {
					z[i*channels+ch] += float64(x.At(at(i, k), ch)) / float64(other)
				}
			}
		}
		for i := range length {
			for o := range channels {
				for in := range width {
					for k := range kernel {
						if j := i + k - kernel/2; j >= 0 && j < length {
							y[i*channels+o] += float64(strip.Conv.Weight.At(o, in, k)) * z[j*channels+o/width*width+in]
						}
					}
				}
			}
		}
		per := channels / c.NormGroups
		for group := range c.NormGroups {
			mean, variance, n := 0.0, 0.0, float64(per*length)
			for i := range length {
				for ch := group * per; ch < (group+1)*per; ch++ {
					mean += y[i*channels+ch] / n
				}
			}
			for i := range length {
				for ch := group * per; ch < (group+1)*per; ch++ {
					variance += (y[i*channels+ch] - mean) * (y[i*channels+ch] - mean) / n
				}
			}
			for i := range length {
				for ch := group * per; ch < (group+1)*per; ch++ {
					v := (y[i*channels+ch]-mean)/math.Sqrt(variance+c.NormEps)*float64(strip.Norm.Weight.Data()[ch]) + float64(strip.Norm.Bias.Data()[ch])
					y[i*channels+ch] = 1 / (1 + math.Exp(-v))
				}
			}
		}
		return y
	}
	rows := factors(g.Rows, s.Height, s.Width, func(i, k int) int { return i*s.Width + k })
	columns := factors(g.Columns, s.Width, s.Height, func(i, k int) int { return k*s.Width + i })
	y := make([]float64, s.Height*s.Width*channels)
	for i := range y {
		pixel, ch := i/channels, i%channels
		y[i] = float64(x.Data()[i]) * rows[pixel/s.Width*channels+ch] * columns[pixel%s.Width*channels+ch]
	}
	return y
}

// TestReference holds maps of all sizes, in one batch, against loops in float64, and each alone against the batch, bit by
// bit.
func TestReference(t *testing.T) {
	for name, c := range narrow() {
		g, grid := made(t, c), tensor.RaggedGrid(mixed())
		x := noise(grid.Rows(), 1)
		tp := tensor.NewTape()
		all := g.Apply(tp, tp.Const(x), grid).Value()
		for b := range grid.Items() {
			size, lo, hi := grid.Size(b), grid.Offset(b)*channels, grid.Offset(b+1)*channels
			one := tensor.FromSlice(x.Data()[lo:hi], hi/channels-lo/channels, channels)
			for i, want := range reference(g, one, size) {
				if got := all.Data()[lo+i]; math.Abs(float64(got)-want) > 1e-5 {
					t.Fatalf("%s: map %d of %v: number %d is %v, want %v", name, b, size, i, got, want)
				}
			}
			alone := tensor.NewTape()
			if y := g.Apply(alone, alone.Const(one), tensor.NewGrid(1, size)); !slices.Equal(y.Data(), all.Data()[lo:hi]) {
				t.Errorf("%s: map %d has other bits alone", name, b)
			}
		}
		if y := g.Apply(tp, tp.Const(tensor.New(0, channels)), tensor.NewGrid(0, tensor.Size{Height: 3, Width: 2})); y.Rows() != 0 {
			t.Errorf("%s: no maps give %v", name, y.Shape())
		}
	}
}

// step returns the output and all gradients.
func step(tp *tensor.Tape, g *Gate, x *tensor.Tensor, grid tensor.Grid) (all []float32) {
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	in := tp.Leaf(x)
	y := g.Apply(tp, in, grid)
	all = append(all, y.Data()...)
	tp.Backward(tp.Sum(tp.Square(y)))
	for _, p := range nn.Collect(g).Trainable() {
		all = append(all, tp.Grad(p.Tensor)...)
	}
	return append(all, in.Grad()...)
}

// TestGradients holds the gradients of map and parameters against central differences of the reference.
func TestGradients(t *testing.T) {
	for name, c := range narrow() {
		g, size := made(t, c), tensor.Size{Height: 3, Width: 4}
		x := noise(12, 1)
		tp := tensor.NewTape()
		step(tp, g, x, tensor.NewGrid(1, size))
		loss := func() (sum float64) {
			for _, v := range reference(g, x, size) {
				sum += v * v
			}
			return sum
		}
		tensors := map[string]*tensor.Tensor{"x": x}
		for _, p := range nn.Collect(g).Trainable() {
			tensors[p.Path] = p.Tensor
		}
		for path, p := range tensors {
			gradient := tp.Grad(p)
			for i := range p.Data() {
				was := p.Data()[i]
				p.Data()[i] = was + 1.0/256
				up, at := loss(), p.Data()[i]
				p.Data()[i] = was - 1.0/256
				want := (up - loss()) / float64(at-p.Data()[i])
				p.Data()[i] = was
				if math.Abs(float64(gradient[i])-want) > 2e-3*max(1, math.Abs(want)) {
					t.Errorf("%s: %s[%d]: gradient %v, want %v", name, path, i, gradient[i], want)
				}
			}
		}
	}
}

// TestProcessors holds that results and gradients have the same bits at any number of processors.
func TestProcessors(t *testing.T) {
	grid := tensor.RaggedGrid(mixed())
	for name, c := range narrow() {
		g, x := made(t, c), noise(grid.Rows(), 1)
		want := step(tensor.NewTape(), g, x, grid)
		for _, n := range []int{1, 3} {
			was := runtime.GOMAXPROCS(n)
			if !slices.Equal(step(tensor.NewTape(), g, x, grid), want) {
				t.Errorf("%s: other bits at GOMAXPROCS %d", name, n)
			}
			runtime.GOMAXPROCS(was)
		}
	}
}

// TestAllocations holds that a steady state allocates nothing for maps of one size.
func TestAllocations(t *testing.T) {
	grid := tensor.NewGrid(3, tensor.Size{Height: 5, Width: 7})
	for name, c := range narrow() {
		g, x, tp := made(t, c), noise(grid.Rows(), 1), tensor.NewTape()
		pass := func() {
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			tp.Backward(tp.Mean(tp.Square(g.Apply(tp, tp.Leaf(x), grid))))
		}
		for range 3 {
			pass()
		}
		if n := testing.AllocsPerRun(5, pass); n > 0 {
			t.Errorf("%s: %v allocations in a pass, want none", name, n)
		}
	}
}

// TestSizes holds the parameters of the published sizes: k C C/g + 2 C.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config
		each   int
	}{{"T", T(), 7}, {"B", B(), 9}, {"default", Config{}, 9}, {"S", S(), 42}, {"L", L(), 58}, {"separate", Config{Separate: true}, 18}} {
		g, err := New(c.config, 64, nn.NewInit(1))
		if err != nil {
			t.Fatal(err)
		}
		if n := nn.Collect(g).Count(); n != c.each*64 {
			t.Errorf("%s: %d parameters, want %d", c.name, n, c.each*64)
		}
	}
}

// TestConfig holds what is refused, and what Fit makes of it.
func TestConfig(t *testing.T) {
	for _, c := range []struct {
		config   Config
		channels int
		want     string
	}{
		{Config{}, 0, "ela: 0 channels: want 1 to 65536"},
		{Config{Kernel: 4}, 16, "ela: kernel is 4: want an odd number, so that it has a middle"},
		{Config{Kernel: -1}, 16, "ela: kernel is -1: want 1 to 65536, or 0 for the default"},
		{S(), 12, "ela: groupWidth 8 does not divide 12 channels: choose 6, or Fit the configuration"},
		{T(), 24, "ela: normGroups 32 does not divide 24 channels: choose 6, or Fit the configuration"},
		{Config{NormEps: math.NaN()}, 16, "ela: normEps is NaN: want a positive number, or 0 for the default"},
		{L(), 16, ""}, {T(), 32, ""}, {B().Fit(3), 3, ""}, {S().Fit(12), 12, ""}, {L().Fit(17), 17, ""},
	} {
		if got := c.config.Validate(c.channels); fmt.Sprint(got) != c.want && (got != nil || c.want != "") {
			t.Errorf("%+v for %d channels: %v, want %q", c.config, c.channels, got, c.want)
		}
	}
	if _, err := New(T(), 24, nn.NewInit(1)); err == nil {
		t.Error("32 groups of 24 channels were made")
	}
	defer func() {
		if r := recover(); r != "ela: Gate: got 3 pixels, want a row for each pixel of 1 images of 2x2" {
			t.Errorf("the panic is %v", r)
		}
	}()
	tp := tensor.NewTape()
	made(t, Config{NormGroups: 8}).Apply(tp, tp.Const(noise(3, 1)), tensor.NewGrid(1, tensor.Size{Height: 2, Width: 2}))
}

// TestGated holds that a vision.Model can have its tokens gated, and what is refused.
func TestGated(t *testing.T) {
	patches := vision.Patches{Size: tensor.Size{Height: 2, Width: 2}}
	c := vision.Config{Classes: 3, Channels: 1, ImageHeight: 6, Layers: 1, Width: 12, Heads: 2, Patching: Gated{Patching: patches, Gate: S()}}
	m, err := vision.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := vision.NewBatch(m, []vision.Image{{Height: 7, Width: 4, Channels: 1, Pixels: noise(7, 1).Data()[:28]}})
	if err != nil {
		t.Fatal(err)
	}
	gate := m.Stem.(*GatedStem).Gate
	if gate.Config.GroupWidth != 6 || gate.Config.NormGroups != 3 {
		t.Errorf("the gate of 12 channels is %+v", gate.Config)
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: true, Grad: true})
	tp.Backward(tp.Sum(m.Forward(tp, b)))
	for _, p := range nn.Collect(gate).Trainable() {
		if g := tp.Grad(p.Tensor); g == nil || slices.Max(g) == 0 && slices.Min(g) == 0 {
			t.Errorf("%s has no gradient", p.Path)
		}
	}
	c.Patching = Gated{}
	if _, err = vision.New(c, 1); err == nil || err.Error() != "ela: nothing is gated: set Patching, to vision.Patches for one" {
		t.Error(err)
	}
	for _, g := range []Gated{{Patching: vision.Patches{}}, {Patching: patches, Gate: Config{Kernel: 2}}} {
		if _, err := g.New(1, 8, nn.NewInit(1)); err == nil {
			t.Errorf("%+v was made", g)
		}
	}
}

// TestYAML holds that a configuration that was written is read as it was.
func TestYAML(t *testing.T) {
	for _, c := range []Config{{}, S(), {Kernel: 3, GroupWidth: 2, NormGroups: 4, Separate: true, NormEps: 1e-6}} {
		text, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var back Config
		if err := yaml.UnmarshalWithOptions(text, &back, yaml.Strict()); err != nil || back != c {
			t.Errorf("%+v was read of\n%s(%v), want %+v", back, text, err, c)
		}
	}
}
