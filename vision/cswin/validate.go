package cswin

import (
	"errors"
	"fmt"
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
	stages := -1
	for _, f := range []struct {
		name string
		list PerStage
	}{{"layers", c.Layers}, {"heads", c.Heads}, {"stripes", c.Stripes}} {
		list, err := f.list.List()
		switch {
		case err != nil:
			return fmt.Errorf("cswin: %s: %w", f.name, err)
		case stages < 0:
			stages = len(list)
		case len(list) != stages:
			return fmt.Errorf("cswin: %s %s has numbers for %d stages, and layers %s has them for %d: want as many", f.name, f.list, len(list), c.Layers, stages)
		}
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
	for _, f := range []struct {
		name  string
		value float64
	}{{"dropout", c.Dropout}, {"attentionDropout", c.AttentionDropout}, {"dropPath", c.DropPath}} {
		if !(f.value >= 0 && f.value < 1) {
			return fmt.Errorf("cswin: %s is %v: want a probability below 1", f.name, f.value)
		}
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"normEps", c.NormEps}, {"initStd", c.InitStd}} {
		if !(f.value > 0) || math.IsInf(f.value, 0) {
			return fmt.Errorf("cswin: %s is %v: want a positive number, or 0 for the default", f.name, f.value)
		}
	}
	if !(c.FFNRatio*float64(c.Width) >= 1) || c.FFNRatio > maxWidth {
		return fmt.Errorf("cswin: ffnRatio is %v: want a number that makes a hidden width of at least 1 of width %d, and %d at most; or 0 for the default",
			c.FFNRatio, c.Width, maxWidth)
	}
	return nil
}
