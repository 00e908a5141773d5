package decoder

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

// Config describes a decoder that reads tables. The zero value of every field is the default named in its comment; all
// together they are a small model of LLaMA's form with the routed encoding of 2D-TPE.
type Config struct {
	// Layers is the number of blocks; default 4.
	Layers int `yaml:"layers"`
	// Width is the number of features of a token; default 256.
	Width int `yaml:"width"`
	// Heads is the number of attention heads; default 8.
	Heads int `yaml:"heads"`
	// KVHeads is the number of heads of keys and values, which divides Heads; default Heads.
	KVHeads int `yaml:"kvHeads"`
	// FeedForward is the form of the second part of a block; default SwiGLU.
	FeedForward sequences.FeedForward `yaml:"feedForward"`
	// FeedForwardWidth is its hidden width; default 8/3 Width, rounded up to a multiple of 16, for the gated forms, and 4
	// Width for the others.
	FeedForwardWidth int `yaml:"feedForwardWidth"`
	// TiedEmbedding makes the token table serve as the weight of the head too.
	TiedEmbedding bool `yaml:"tiedEmbedding"`
	// MiniCPM scales embedded tokens, residual branches and the last features as MiniCPM does, the base model of 2D-TPE, and
	// ties the embedding.
	MiniCPM bool `yaml:"miniCPM"`

	// Dropout is the probability of dropping features of embedded tokens and of what each part of a block adds; default
	// 0, none.
	Dropout float64 `yaml:"dropout"`
	// AttentionDropout is the probability of dropping attention weights; default 0, none.
	AttentionDropout float64 `yaml:"attentionDropout"`
	// FeedForwardDropout is the probability of dropping hidden features of the feed-forward part; default 0, none.
	FeedForwardDropout float64 `yaml:"feedForwardDropout"`

	// Init is how the first parameters are drawn; default LLaMAInit.
	Init sequences.Init `yaml:"init"`
	// InitStd is their standard deviation; default 0.02, and 1 for T5Init, where it is the token table's alone.
	InitStd float64 `yaml:"initStd"`

	// Encoding names the structural encoding, with its settings behind colons, as encodings.ByName knows them; default
	// two-order. The router's are settings of it: two-order:entropy-weight=0.1:router-width=64.
	Encoding string `yaml:"encoding"`
	// Reading is how the encoding is told where the tokens of a table are; default the first of Rows, Both and Plane that
	// the encoding serves.
	Reading Reading `yaml:"reading"`
	// Question is where the question stands; default Before.
	Question Place `yaml:"question"`
	// MaxTokens is the most tokens of a table with a question and its answer; default 4096, as the paper.
	MaxTokens int `yaml:"maxTokens"`
}

// Place is where the question of a table stands.
type Place int

// The places.
const (
	// Before the table, as in the prompts of TableInstruct, which 2D-TPE learns from: a cell that is read knows what is
	// asked, so that it can look for what concerns the question.
	Before Place = iota
	// After the table: tables are read once for many questions (see DataOptions.Together), but cells do not know the
	// question. Small models learn to look up places by content alone from it.
	After
)

var placeNames = []string{"before", "after"}

// String returns the name used in configuration files.
func (p Place) String() string { return nearest.Name("Place", int(p), placeNames) }

// MarshalText returns the name.
func (p Place) MarshalText() ([]byte, error) { return nearest.Text("Place", int(p), placeNames) }

// UnmarshalText accepts a name.
func (p *Place) UnmarshalText(text []byte) error {
	k, err := nearest.Index("place of the question", string(text), placeNames)
	if err == nil {
		*p = Place(k)
	}
	return err
}

// Reading is how an encoding is told where the tokens of a table are.
type Reading int

// The readings.
const (
	// Served is the first of Rows, Both and Plane that the encoding serves.
	Served Reading = iota
	// Rows numbers tokens one after another, row by row: the flattened table of other language models.
	Rows
	// Columns does so column by column.
	Columns
	// Both gives every token a place in either order, as 2D-TPE has them.
	Both
	// Plane gives tokens two coordinates, row and column, see tables.Reading.Coordinates.
	Plane
)

var readingNames = []string{"served", "rows", "columns", "both", "plane"}

// String returns the name used in configuration files.
func (r Reading) String() string { return nearest.Name("Reading", int(r), readingNames) }

// MarshalText returns the name.
func (r Reading) MarshalText() ([]byte, error) { return nearest.Text("Reading", int(r), readingNames) }

// UnmarshalText accepts a name.
func (r *Reading) UnmarshalText(text []byte) error {
	k, err := nearest.Index("reading", string(text), readingNames)
	if err == nil {
		*r = Reading(k)
	}
	return err
}

// Defaults of this package; the others are those of sequences.
const (
	defaultEncoding  = "two-order"
	defaultMaxTokens = 4096
)

// WithDefaults returns c with every zero that stands for a default replaced by it. An encoding without a name that is
// known leaves the reading as it is.
func (c Config) WithDefaults() Config {
	if c.Encoding == "" {
		c.Encoding = defaultEncoding
	}
	if c.MaxTokens == 0 {
		c.MaxTokens = defaultMaxTokens
	}
	s := c.sequences(nil, 2).WithDefaults()
	c.Layers, c.Width, c.Heads, c.KVHeads = s.Layers, s.Width, s.Heads, s.KVHeads
	c.FeedForwardWidth, c.TiedEmbedding, c.InitStd = s.FeedForwardWidth, s.TiedEmbedding, s.InitStd
	if e, err := encodings.ByName(c.Encoding); err == nil && c.Reading == Served {
		c.Reading, _ = served(e)
	}
	return c
}

// Validate reports the first field that no model can be built with: the encoding's name and settings, a reading that the
// encoding does not serve, sizes, probabilities.
func (c Config) Validate() error {
	if _, err := c.Reading.MarshalText(); err != nil {
		return fmt.Errorf("decoder: reading is %v: want one of the values that have a name", c.Reading)
	}
	if _, err := c.Question.MarshalText(); err != nil {
		return fmt.Errorf("decoder: question is %v: want one of the values that have a name", c.Question)
	}
	if c.MaxTokens < 0 {
		return fmt.Errorf("decoder: maxTokens is %d: want a positive number, or 0 for %d", c.MaxTokens, defaultMaxTokens)
	}
	asked := c.Reading
	c = c.WithDefaults()
	e, err := encodings.ByName(c.Encoding)
	if err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	if err := c.sequences(e, 2).Validate(); err != nil {
		return fmt.Errorf("decoder: %w", err)
	}
	if asked == Served {
		_, err = served(e)
	} else {
		err = serves(e, asked)
	}
	if err != nil {
		return fmt.Errorf("decoder: encoding %s does not serve tables read as %v: %w", c.Encoding, c.Reading, err)
	}
	return nil
}

// sequences returns the configuration of the transformer.
func (c Config) sequences(e encodings.Encoding, vocabulary int) sequences.Config {
	s := sequences.Config{
		Vocabulary: vocabulary, Layers: c.Layers, Width: c.Width, Heads: c.Heads, KVHeads: c.KVHeads,
		FeedForward: c.FeedForward, FeedForwardWidth: c.FeedForwardWidth, TiedEmbedding: c.TiedEmbedding,
		Dropout: c.Dropout, AttentionDropout: c.AttentionDropout, FeedForwardDropout: c.FeedForwardDropout,
		Init: c.Init, InitStd: c.InitStd, Encoding: e, MaxLength: c.MaxTokens,
	}
	if c.MiniCPM {
		return sequences.MiniCPM(s)
	}
	return s
}

// served returns the first reading that an encoding serves, and the error of Rows where there is none.
func served(e encodings.Encoding) (Reading, error) {
	for _, r := range []Reading{Rows, Both, Plane} {
		if serves(e, r) == nil {
			return r, nil
		}
	}
	return Served, serves(e, Rows)
}

// serves returns the error of an encoding that is shown four tokens in a reading.
func serves(e encodings.Encoding, r Reading) error {
	_, err := shown(e, r)
	return err
}

// shown returns what an encoding makes of four tokens in a reading.
func shown(e encodings.Encoding, r Reading) (encodings.Positions, error) {
	enc, err := e.New(encodings.Dims{Width: 128, Heads: 4, Layers: 1}, nn.NewInit(0))
	if err != nil {
		return nil, err
	}
	offsets := []int{0, 4}
	var l *encodings.Layout
	switch r {
	case Both:
		l, err = encodings.InOrders(offsets, []int32{0, 1, 2, 3}, []int32{0, 2, 1, 3})
	case Plane:
		l, err = encodings.AtPoints(offsets, 0, 2, []float64{0, 0, 0, 1, 1, 0, 1, 1})
	default:
		l, err = encodings.Sequences(offsets)
	}
	if err != nil {
		return nil, err
	}
	return enc.Begin(tensor.NewTape(), l)
}
