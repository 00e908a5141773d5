package vision_test

import (
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/vision"
)

// The parameter counts are those of timm's vit_tiny, vit_small and vit_base_patch16_224.
func TestPresets(t *testing.T) {
	for name, c := range map[string]struct {
		config vision.Config
		count  int
	}{"Ti": {vision.ViTTi(), 5717416}, "S": {vision.ViTS(), 22050664}, "B": {vision.ViTB(), 86567656}} {
		m, err := vision.New(c.config, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := nn.Collect(m).Count(); got != c.count {
			t.Errorf("ViT-%s has %d parameters, want %d", name, got, c.count)
		}
	}
}
