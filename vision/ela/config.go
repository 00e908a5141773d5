package ela

import (
	"fmt"
	"math"
)

// Config describes the gate. The zero value of every field is the default named in its comment; all together they are
// ELA-B. [T], [S] and [L] are the other published sizes.
type Config struct {
	// Kernel is the length of the convolution along a strip, an odd number; default 7.
	Kernel int `yaml:"kernel"`
	// GroupWidth is the number of channels that the convolution sees together; default 1, each by itself. It divides the
	// channels. (The modules in circulation set the number of groups instead: channels / GroupWidth.)
	GroupWidth int `yaml:"groupWidth"`
	// NormGroups is the number of groups of channels that are normalised together; default 16. It divides the channels.
	NormGroups int `yaml:"normGroups"`
	// Separate gives rows and columns a convolution and a norm each, as the paper writes them; by default both share one, as
	// in the modules in circulation.
	Separate bool `yaml:"separate"`
	// NormEps is what the norm adds to the variance; default 1e-5.
	NormEps float64 `yaml:"normEps"`
}

// T is ELA-T, for the lightest networks: 7 parameters a channel.
func T() Config { return Config{Kernel: 5, GroupWidth: 1, NormGroups: 32} }

// B is ELA-B: 9 parameters a channel.
func B() Config { return Config{Kernel: 7, GroupWidth: 1, NormGroups: 16} }

// S is ELA-S, for deep networks: 42 parameters a channel.
func S() Config { return Config{Kernel: 5, GroupWidth: 8, NormGroups: 16} }

// L is ELA-L, for large networks: 58 parameters a channel.
func L() Config { return Config{Kernel: 7, GroupWidth: 8, NormGroups: 16} }

// WithDefaults returns c with every zero that stands for a default replaced by it.
func (c Config) WithDefaults() Config {
	set := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	set(&c.Kernel, 7)
	set(&c.GroupWidth, 1)
	set(&c.NormGroups, 16)
	if c.NormEps == 0 {
		c.NormEps = 1e-5
	}
	return c
}

// Fit returns c, defaults filled in, for so many channels: where NormGroups or GroupWidth does not divide them, the largest
// number below it that does takes its place, and groups of the norm have four channels at least then, where there are as
// many. The published sizes are for wide maps; this makes parts for narrow ones of them.
func (c Config) Fit(channels int) Config {
	c = c.WithDefaults()
	if channels < 1 {
		return c
	}
	if channels%c.GroupWidth != 0 {
		c.GroupWidth = divisor(channels, c.GroupWidth)
	}
	if channels%c.NormGroups != 0 {
		c.NormGroups = divisor(channels, min(c.NormGroups, max(channels/4, 1)))
	}
	return c
}

// divisor returns the largest divisor of n that is not above most.
func divisor(n, most int) int {
	for d := min(most, n); d > 1; d-- {
		if n%d == 0 {
			return d
		}
	}
	return 1
}

// limit is the largest size that makes sense.
const limit = 1 << 16

// Validate reports the first field that no gate of so many channels can be built with, and what to choose.
func (c Config) Validate(channels int) error {
	c = c.WithDefaults()
	if channels < 1 || channels > limit {
		return fmt.Errorf("ela: %d channels: want 1 to %d", channels, limit)
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"kernel", c.Kernel}, {"groupWidth", c.GroupWidth}, {"normGroups", c.NormGroups}} {
		if f.value < 1 || f.value > limit {
			return fmt.Errorf("ela: %s is %d: want 1 to %d, or 0 for the default", f.name, f.value, limit)
		}
	}
	switch fit := c.Fit(channels); {
	case c.Kernel%2 == 0:
		return fmt.Errorf("ela: kernel is %d: want an odd number, so that it has a middle", c.Kernel)
	case fit.GroupWidth != c.GroupWidth:
		return fmt.Errorf("ela: groupWidth %d does not divide %d channels: choose %d, or Fit the configuration", c.GroupWidth, channels, fit.GroupWidth)
	case fit.NormGroups != c.NormGroups:
		return fmt.Errorf("ela: normGroups %d does not divide %d channels: choose %d, or Fit the configuration", c.NormGroups, channels, fit.NormGroups)
	case !(c.NormEps > 0) || math.IsInf(c.NormEps, 0):
		return fmt.Errorf("ela: normEps is %v: want a positive number, or 0 for the default", c.NormEps)
	}
	return nil
}
