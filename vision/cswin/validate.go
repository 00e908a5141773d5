package cswin

import (
	"errors"
	"fmt"
	"github.com/graft-ml/graft/vision"
	"math"
)

// maxClasses is the number of class ids that float32 targets hold exactly, and maxWidth what the last stage may have.
const (
	maxClasses = 1 << 24
	maxWidth   = 1 << 16
	maxKernel  = 1 << 10
)

// Validate reports the first field that no model can be built with. Zeros stand for their defaults.
func (c Config) Validate() error {
	c = c.WithDefaults()
	for _, f := range []struct {
		name        string
		value, most int
	}{
		{"channels", c.Channels, maxWidth}, {"imageHeight", c.ImageHeight, math.MaxInt32}, {"imageWidth", c.ImageWidth, math.MaxInt32},
		{"patchKernel", c.PatchKernel, maxKernel}, {"patchStride", c.PatchStride, maxKernel}, {"width", c.Width, maxWidth},
	} {
		if f.value < 1 || f.value > f.most {
			return fmt.Errorf("cswin: %s is %d: want 1 to %d, or 0 for the default", f.name, f.value, f.most)
		}
	}
	if c.Classes == 0 {
		return errors.New("cswin: classes is not set: say how many classes there are")
	}
	if c.Classes < 2 || c.Classes > maxClasses {
		return fmt.Errorf("cswin: classes is %d: want 2 to %d", c.Classes, maxClasses)
	}
	if err := c.patches().check(c.ImageSize()); err != nil {
		return fmt.Errorf("cswin: images: %w", err)
	}
	if err := c.validateStages(); err != nil {
		return err
	}
	return c.validateNumbers()
}

// validateStages reports what is wrong with the lists of the stages.
func (c Config) validateStages() error {
	stages, err := vision.CheckStages(vision.StageSetting{Name: "layers", List: c.Layers}, vision.StageSetting{Name: "heads", List: c.Heads},
		vision.StageSetting{Name: "stripes", List: c.Stripes})
	if err != nil {
		return fmt.Errorf("cswin: %w", err)
	}
	if last := c.Width << (stages - 1); last > maxWidth {
		return fmt.Errorf("cswin: width %d doubles to %d in stage %d: want %d at most; choose a smaller width or fewer stages", c.Width, last, stages, maxWidth)
	}
	for s, stage := range c.stages() {
		if !stage.full && stage.heads%2 != 0 {
			return fmt.Errorf("cswin: heads is %d in stage %d, whose vertical and horizontal stripes have half of them each: choose an even number", stage.heads, s+1)
		}
		if stage.width%stage.heads != 0 {
			return fmt.Errorf("cswin: heads %d do not divide width %d of stage %d: choose a width that is a multiple of heads", stage.heads, stage.width, s+1)
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
		return fmt.Errorf("cswin: %w", err)
	}
	if !(c.FFNRatio*float64(c.Width) >= 1) || c.FFNRatio > maxWidth {
		return fmt.Errorf("cswin: ffnRatio is %v: want a number that makes a hidden width of at least 1 of width %d, and %d at most; or 0 for the default",
			c.FFNRatio, c.Width, maxWidth)
	}
	return nil
}
