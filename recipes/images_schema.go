package recipes

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/graft-ml/graft/vision/images"
)

// ImageSchema is what was read off the images that a model learned from: without it nobody
// knows what the model reads and tells apart.
type ImageSchema struct {
	Version int `json:"version"`
	// Classes are the names of the classes, in order.
	Classes []string `json:"classes"`
	// Height, Width and Channels are those of images as the model gets them.
	Height   int `json:"height"`
	Width    int `json:"width"`
	Channels int `json:"channels"`
	// Mean and Std are those of the channels over the training images, black being 0 and white 1.
	Mean []float64 `json:"mean"`
	Std  []float64 `json:"std"`
	// Measured is the number of images that they were measured on.
	Measured int `json:"measured"`
	// LargestPixels is the number of pixels of the largest of them as it came.
	LargestPixels int `json:"largestPixels"`
}

const (
	imageSchemaVersion = 1
	leastClasses       = 2
	maxImageSide       = 1 << 14
)

// Marshal gives the schema as text.
func (s *ImageSchema) Marshal() ([]byte, error) {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("recipes: schema: %w", err)
	}
	return append(text, '\n'), nil
}

// parseImageSchema reads what Marshal gave; the text is not trusted.
func parseImageSchema(text []byte) (*ImageSchema, error) {
	s := &ImageSchema{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("recipes: schema: %w", err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("recipes: schema: %w; put back the one that training wrote", err)
	}
	return s, nil
}

func (s *ImageSchema) check() error {
	switch {
	case s.Version != imageSchemaVersion:
		return fmt.Errorf("version %d, want %d", s.Version, imageSchemaVersion)
	case len(s.Classes) < leastClasses:
		return fmt.Errorf("%d classes, want at least %d", len(s.Classes), leastClasses)
	case s.Height < 1 || s.Width < 1 || s.Height > maxImageSide || s.Width > maxImageSide:
		return fmt.Errorf("images of height %d and width %d, want 1 to %d", s.Height, s.Width, maxImageSide)
	case s.Channels < 1 || s.Channels > colourChannels || len(s.Mean) != s.Channels || len(s.Std) != s.Channels:
		return fmt.Errorf("%d channels with %d means and %d deviations, want 1 or 3 of each", s.Channels, len(s.Mean), len(s.Std))
	case s.LargestPixels < 0:
		return fmt.Errorf("largestPixels %d, want 0 or more", s.LargestPixels)
	}
	for c := range s.Mean {
		if math.IsNaN(s.Mean[c]) || math.IsInf(s.Mean[c], 0) || !(s.Std[c] > 0) || math.IsInf(s.Std[c], 0) {
			return fmt.Errorf("channel %d has the mean %v and the deviation %v, want numbers, the second above 0", c, s.Mean[c], s.Std[c])
		}
	}
	return nil
}

// normalisation is that of the training images.
func (s *ImageSchema) normalisation() images.Normalisation {
	return images.Normalisation{Mean: s.Mean, Std: s.Std}
}

// String tells the images in words.
func (s *ImageSchema) String() string {
	kind := "colour"
	if s.Channels == 1 {
		kind = "gray"
	}
	return fmt.Sprintf("%d by %d pixels, %s", s.Height, s.Width, kind)
}

// classText lists the classes, the first of many.
func (s *ImageSchema) classText() string {
	const most = 12
	if len(s.Classes) <= most {
		return fmt.Sprintf("%d classes: %s", len(s.Classes), strings.Join(s.Classes, ", "))
	}
	return fmt.Sprintf("%d classes: %s and %d more", len(s.Classes), strings.Join(s.Classes[:most], ", "), len(s.Classes)-most)
}

// sameClasses tells how the classes of data differ from those of the schema.
func (s *ImageSchema) sameClasses(classes []string) error {
	if slices.Equal(s.Classes, classes) {
		return nil
	}
	return fmt.Errorf("recipes: the images are of the classes %s, and the model was trained on %s: take the images of the run", strings.Join(classes, ", "), strings.Join(s.Classes, ", "))
}

// Probabilities are those of all classes, by the scores of an image.
func (s *ImageSchema) Probabilities(scores []float32) []float64 {
	top, sum := slices.Max(scores), 0.0
	p := make([]float64, len(scores))
	for c, v := range scores {
		p[c] = math.Exp(float64(v - top))
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}
