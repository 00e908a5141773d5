package reconstruction

import (
	"fmt"
	"io"
	"math"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/tokenizer"
)

// Row is how a clip comes back from its tokens. Distances are in millimetres where the clip's unit is known, else in its
// unit.
type Row struct {
	Clip         string  `json:"clip"`
	Frames       int     `json:"frames"`
	MPJPE        float64 `json:"mpjpe"`        // of the decoded clip
	Held         float64 `json:"held"`         // of one frame a step, held
	Interpolated float64 `json:"interpolated"` // of one frame a step, interpolated
	Codes        int     `json:"codes"`        // different ones that its tokens are
	Perplexity   float64 `json:"perplexity"`   // of its tokens
}

// Report is how clips come back from their tokens.
type Report struct {
	Rows     []Row         `json:"rows"`
	Codebook int           `json:"codebook"` // number of codes
	Use      tokenizer.Use `json:"use"`      // of the codes by all clips together
}

// Measure encodes and decodes whole clips. The error names a clip that the model cannot read.
func Measure(m *tokenizer.Model, clips []*motion.Clip) (*Report, error) {
	r := &Report{Codebook: m.Config.Codes}
	step := m.Config.TimeStride()
	var all [][]int32
	for _, c := range clips {
		tokens, err := m.Encode(c)
		if err != nil {
			return nil, err
		}
		again, err := m.Decode(tokens)
		if err != nil {
			return nil, fmt.Errorf("reconstruction: clip %q: %w", c.Name, err)
		}
		mm, use := millimetres(c.Unit), tokens.Use()
		r.Rows = append(r.Rows, Row{Clip: c.Name, Frames: c.Frames(), MPJPE: mm * motion.MPJPE(c, again), Held: mm * motion.MPJPE(c, Held(c, step)),
			Interpolated: mm * motion.MPJPE(c, Interpolated(c, step)), Codes: use.Codes, Perplexity: use.Perplexity})
		all = append(all, tokens.Codes)
	}
	r.Use = tokenizer.UseOf(m.Config.Codes, all...)
	return r, nil
}

// All is a row for all clips together, called "all": means over all frames, and the use of the codebook.
func (r *Report) All() Row {
	all := Row{Clip: "all", Codes: r.Use.Codes, Perplexity: r.Use.Perplexity}
	for _, row := range r.Rows {
		all.Frames += row.Frames
	}
	for _, row := range r.Rows {
		share := float64(row.Frames) / float64(all.Frames)
		all.MPJPE += share * row.MPJPE
		all.Held += share * row.Held
		all.Interpolated += share * row.Interpolated
	}
	return all
}

// Mean is the mean MPJPE over all frames of all clips, NaN where there are none.
func (r *Report) Mean() float64 {
	sum, frames := 0.0, 0
	for _, row := range r.Rows {
		sum += row.MPJPE * float64(row.Frames)
		frames += row.Frames
	}
	if frames == 0 {
		return math.NaN()
	}
	return sum / float64(frames)
}

// Write prints the report as a table.
func (r *Report) Write(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%-16s %7s %9s %9s %12s %6s %10s\n", "clip", "frames", "mpjpe", "held", "interpolated", "codes", "perplexity"); err != nil {
		return err
	}
	for _, row := range r.Rows {
		if _, err := fmt.Fprintf(w, "%-16s %7d %9.1f %9.1f %12.1f %6d %10.1f\n", row.Clip, row.Frames, row.MPJPE, row.Held, row.Interpolated, row.Codes, row.Perplexity); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "codebook: %d of %d codes, perplexity %.1f\n", r.Use.Codes, r.Codebook, r.Use.Perplexity)
	return err
}
