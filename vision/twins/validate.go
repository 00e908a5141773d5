package twins

import (
	"errors"
	"fmt"
	"math"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

// maxClasses is the number of class ids that float32 targets hold exactly, and maxWidth what a layer may have.
const (
	maxClasses = 1 << 24
	maxWidth   = 1 << 16
)

// Validate reports the first field that no model can be built with. Zeros stand for their defaults.
func (c Config) Validate() error {
	c = c.WithDefaults()
	for _, f := range []struct {
		name        string
		value, most int
	}{{"channels", c.Channels, maxWidth}, {"imageHeight", c.ImageHeight, math.MaxInt32}, {"imageWidth", c.ImageWidth, math.MaxInt32}} {
		if f.value < 1 || f.value > f.most {
			return fmt.Errorf("twins: %s is %d: want 1 to %d, or 0 for the default", f.name, f.value, f.most)
		}
	}
	if c.Classes == 0 {
		return errors.New("twins: classes is not set: say how many classes there are")
	}
	if c.Classes < 2 || c.Classes > maxClasses {
		return fmt.Errorf("twins: classes is %d: want 2 to %d", c.Classes, maxClasses)
	}
	if _, err := c.Anchor.MarshalText(); err != nil {
		return fmt.Errorf("twins: anchor is %v: want one of the values that have a name", c.Anchor)
	}
	if err := c.validateStages(); err != nil {
		return err
	}
	if err := accepts(c.stages(), c.Anchor, c.ImageSize()); err != nil {
		return fmt.Errorf("twins: images: %w", err)
	}
	return c.validateNumbers()
}

// validateStages reports what is wrong with the lists of the stages.
func (c Config) validateStages() error {
	_, err := vision.CheckStages(vision.StageSetting{Name: "layers", List: c.Layers}, vision.StageSetting{Name: "patches", List: c.Patches}, vision.StageSetting{Name: "widths", List: c.Widths},
		vision.StageSetting{Name: "heads", List: c.Heads}, vision.StageSetting{Name: "windows", List: c.Windows}, vision.StageSetting{Name: "reductions", List: c.Reductions})
	if err != nil {
		return fmt.Errorf("twins: %w", err)
	}
	for s, stage := range c.stages() {
		if stage.width%stage.heads != 0 {
			return fmt.Errorf("twins: heads %d do not divide width %d of stage %d: choose a width that is a multiple of heads", stage.heads, stage.width, s+1)
		}
		if hidden := c.FFNRatio * float64(stage.width); !(hidden >= 1) || hidden > maxWidth*maxWidth {
			return fmt.Errorf("twins: ffnRatio is %v: want a number that makes a hidden width of at least 1 of width %d; or 0 for the default", c.FFNRatio, stage.width)
		}
	}
	return nil
}

// validateNumbers reports the first probability or factor that is out of its range.
func (c Config) validateNumbers() error {
	err := vision.CheckProbabilities(vision.Setting{Name: "dropout", Value: c.Dropout}, vision.Setting{Name: "attentionDropout", Value: c.AttentionDropout},
		vision.Setting{Name: "dropPath", Value: c.DropPath})
	if err == nil {
		err = vision.CheckPositive(vision.Setting{Name: "normEps", Value: c.NormEps}, vision.Setting{Name: "initStd", Value: c.InitStd})
	}
	if err != nil {
		return fmt.Errorf("twins: %w", err)
	}
	return nil
}

// accepts reports the first stage that cannot read what images of a size become, and why. An anchored model wants patches,
// windows and reductions to divide them: a remainder would be another one after a shift. Otherwise windows at the border are
// smaller, and patches and reductions leave tokens at the border out.
func accepts(stages []stageConfig, anchor polyphase.To, size tensor.Size) error {
	if size.Height < 1 || size.Width < 1 {
		return fmt.Errorf("%v pixels are none", size)
	}
	for s, stage := range stages {
		of := "tokens of the stage before"
		if s == 0 {
			of = "pixels"
		}
		if err := divides("patches", stage.patch, size, anchor); err != nil {
			return fmt.Errorf("stage %d, %v %s: %w", s+1, size, of, err)
		}
		size = tensor.Size{Height: size.Height / stage.patch, Width: size.Width / stage.patch}
		window := polyphase.Anchoring{Stride: tensor.Size{Height: stage.window, Width: stage.window}, To: anchor}
		if stage.windowed(0) && window.Accepts(size) != nil {
			return fmt.Errorf("stage %d, %v tokens: windows of %d do not divide them, so that an anchored model cannot have them: choose windows that do, or resize images, or anchor: none",
				s+1, size, stage.window)
		}
		if stage.reduces() {
			if err := divides("reductions", stage.reduction, size, anchor); err != nil {
				return fmt.Errorf("stage %d, %v tokens: %w", s+1, size, err)
			}
		}
	}
	return nil
}

// divides reports why squares of a side cannot be laid over an image.
func divides(name string, side int, size tensor.Size, anchor polyphase.To) error {
	switch {
	case side > size.Height || side > size.Width:
		return fmt.Errorf("%s of %d do not fit: choose smaller ones, or larger images", name, side)
	case anchor != polyphase.Nowhere && (size.Height%side != 0 || size.Width%side != 0):
		return fmt.Errorf("%s of %d do not divide them, so that an anchored model cannot have them: choose %s that do, or resize images, or anchor: none", name, side, name)
	}
	return nil
}
