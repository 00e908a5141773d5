package tokenizer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/motion"
)

// Reset says what happens to codes that nobody uses. The zero value is that of the official code.
type Reset int

const (
	// ResetOfficial replaces unused codes as the released code does: in the codebook alone and not in the running sums that
	// the next step makes the codebook of, so that the replacement lasts one step. A code that was used once is never
	// replaced.
	ResetOfficial Reset = iota
	// ResetLasting also sets the code's running sum and count, so that the replacement stays, and forgets at every reset
	// which codes were used before it.
	ResetLasting
	// ResetNever replaces nothing.
	ResetNever
)

var resetNames = []string{"official", "lasting", "never"}

// ResetNames returns the names that [ParseReset] knows.
func ResetNames() []string { return append([]string(nil), resetNames...) }

// ParseReset returns the reset with the given name. The error of an unknown name tells the nearest known one.
func ParseReset(name string) (Reset, error) {
	i, err := nearest.Index("reset", name, resetNames)
	return Reset(i), err
}

// String returns the name.
func (r Reset) String() string { return nearest.Name("Reset", int(r), resetNames) }

// MarshalText writes the name, for configuration files.
func (r Reset) MarshalText() ([]byte, error) { return nearest.Text("Reset", int(r), resetNames) }

// UnmarshalText reads a name, as [ParseReset] does.
func (r *Reset) UnmarshalText(text []byte) (err error) {
	*r, err = ParseReset(string(text))
	return err
}

// Reference says what the places of joints are measured from. The zero value is that of the released code.
type Reference int

const (
	Absolute   Reference = iota // the origin of the clip
	FirstFrame                  // where the joint is in the first frame, as the paper's text has it: differential motion
)

var referenceNames = []string{"absolute", "first-frame"}

// ReferenceNames returns the names that [ParseReference] knows.
func ReferenceNames() []string { return append([]string(nil), referenceNames...) }

// ParseReference returns the reference with the given name. The error of an unknown name tells the nearest known one.
func ParseReference(name string) (Reference, error) {
	i, err := nearest.Index("reference", name, referenceNames)
	return Reference(i), err
}

// String returns the name.
func (r Reference) String() string { return nearest.Name("Reference", int(r), referenceNames) }

// MarshalText writes the name, for configuration files.
func (r Reference) MarshalText() ([]byte, error) {
	return nearest.Text("Reference", int(r), referenceNames)
}

// UnmarshalText reads a name, as [ParseReference] does.
func (r *Reference) UnmarshalText(text []byte) (err error) {
	*r, err = ParseReference(string(text))
	return err
}

// Levels is a number for each of the two levels of a [Model], the first at full resolution. As text both stand with a comma
// between them: 128,512.
type Levels [2]int

// String returns the text.
func (l Levels) String() string { return fmt.Sprintf("%d,%d", l[0], l[1]) }

// MarshalText writes the text, for configuration files.
func (l Levels) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText writes; one number counts for both levels.
func (l *Levels) UnmarshalText(text []byte) error {
	first, second, two := strings.Cut(string(text), ",")
	if !two {
		second = first
	}
	var read Levels
	for k, word := range []string{first, second} {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return fmt.Errorf("%.40q is no pair of levels: want two whole numbers with a comma between them, such as 32,64", text)
		}
		read[k] = n
	}
	*l = read
	return nil
}

// Config are the sizes of a [Model]. The zero value of every field is the published one.
type Config struct {
	Joints int `yaml:"joints"` // of the clips; 0 means 24, those of an SMPL body
	// Widths are those of the first and second level (m0 and m1 of the code); 0 means 128 and 512.
	Widths    Levels `yaml:"widths"`
	CodeWidth int    `yaml:"codeWidth"` // C; 0 means 3072
	Codes     int    `yaml:"codes"`     // in the codebook, K; 0 means 8192
	Groups    int    `yaml:"groups"`    // of the group norms; 0 means 32
	// DilationWidth decides the dilation of a residual block of so many channels out: max(1, DilationWidth/out - 1), 3 at
	// the first and 1 at the second level of the published sizes; 0 means Widths[1].
	DilationWidth int `yaml:"dilationWidth"`
	// TimeStrides and JointStrides are what the levels divide frames and joints by: 1 or 2 frames; 0 means 2 frames and 1
	// joint.
	TimeStrides  Levels `yaml:"timeStrides"`
	JointStrides Levels `yaml:"jointStrides"`
	// SliceFrames are seen together: a multiple of twice the time strides' product, where that is not 1; 0 means 8.
	SliceFrames int `yaml:"sliceFrames"`

	Reference  Reference `yaml:"reference"`
	Momentum   float64   `yaml:"momentum"` // of the codebook, μ; 0 means 0.99
	Reset      Reset     `yaml:"reset"`
	ResetEvery int       `yaml:"resetEvery"` // training steps between resets; 0 means 20
	Commitment float64   `yaml:"commitment"` // weight β of the commitment loss; 0 means 0.5
}

// MTVCrafter returns the published sizes: widths 128 and 512, 8192 codes of width 3072.
func MTVCrafter() Config { return Config{}.WithDefaults() }

// Small returns sizes for two processor cores: widths 32 and 64, 256 codes of width 64. Replaced codes stay, without
// which a codebook on little data dies out.
func Small() Config {
	return Config{Widths: Levels{32, 64}, Groups: 8, CodeWidth: 64, Codes: 256, DilationWidth: 128, Reset: ResetLasting}.WithDefaults()
}

// WithDefaults returns c with the published values in the place of zeros.
func (c Config) WithDefaults() Config {
	fill := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	fill(&c.Joints, motion.SMPL().Len())
	fill(&c.Widths[0], 128)
	fill(&c.Widths[1], 512)
	fill(&c.CodeWidth, 3072)
	fill(&c.Codes, 8192)
	fill(&c.Groups, 32)
	fill(&c.DilationWidth, c.Widths[1])
	for k := range 2 {
		fill(&c.TimeStrides[k], 2)
		fill(&c.JointStrides[k], 1)
	}
	fill(&c.SliceFrames, 8)
	fill(&c.ResetEvery, 20)
	if c.Momentum == 0 {
		c.Momentum = 0.99
	}
	if c.Commitment == 0 {
		c.Commitment = 0.5
	}
	return c
}

// Validate reports what no model can be, and what would do. Zeros count as their defaults.
func (c Config) Validate() error {
	c = c.WithDefaults()
	for _, f := range []struct {
		name  string
		value int
	}{{"Joints", c.Joints}, {"Widths[0]", c.Widths[0]}, {"Widths[1]", c.Widths[1]}, {"CodeWidth", c.CodeWidth}, {"Codes", c.Codes},
		{"Groups", c.Groups}, {"DilationWidth", c.DilationWidth}, {"SliceFrames", c.SliceFrames}, {"ResetEvery", c.ResetEvery}} {
		if f.value < 1 {
			return fmt.Errorf("tokenizer: %s is %d: want at least 1, 0 for the default", f.name, f.value)
		}
	}
	joints := c.Joints
	for k := range 2 {
		if c.Widths[k]%c.Groups != 0 {
			return fmt.Errorf("tokenizer: Groups %d do not divide Widths[%d], %d: choose a width that they divide", c.Groups, k, c.Widths[k])
		}
		if t := c.TimeStrides[k]; t != 1 && t != 2 {
			return fmt.Errorf("tokenizer: TimeStrides[%d] is %d: want 1 or 2, the published means of frames are pairs", k, t)
		}
		if s := c.JointStrides[k]; s < 1 || joints%s != 0 {
			return fmt.Errorf("tokenizer: JointStrides[%d] is %d: want a divisor of the %d joints at its level", k, s, joints)
		}
		joints /= c.JointStrides[k]
	}
	if c.Joints > motion.MostJoints {
		return fmt.Errorf("tokenizer: Joints is %d: want at most %d", c.Joints, motion.MostJoints)
	}
	if t := c.TimeStride(); t > 1 && c.SliceFrames%(2*t) != 0 {
		return fmt.Errorf("tokenizer: SliceFrames is %d: want a multiple of %d, so that a slice has an even number of steps", c.SliceFrames, 2*t)
	}
	if !(c.Momentum > 0 && c.Momentum < 1) {
		return fmt.Errorf("tokenizer: Momentum is %v: want a number between 0 and 1", c.Momentum)
	}
	if !(c.Commitment > 0 && c.Commitment < 1e6) {
		return fmt.Errorf("tokenizer: Commitment is %v: want a weight above 0", c.Commitment)
	}
	if _, err := c.Reset.MarshalText(); err != nil {
		return fmt.Errorf("tokenizer: %w", err)
	}
	if _, err := c.Reference.MarshalText(); err != nil {
		return fmt.Errorf("tokenizer: %w", err)
	}
	return nil
}

// TimeStride is how many frames go into one step of tokens.
func (c Config) TimeStride() int { return c.TimeStrides[0] * c.TimeStrides[1] }

// TokenJoints is how many tokens a step of a clip has.
func (c Config) TokenJoints() int { return c.Joints / (c.JointStrides[0] * c.JointStrides[1]) }

// dilation is that of a residual block of so many channels out.
func (c Config) dilation(out int) int { return max(1, c.DilationWidth/out-1) }
