package recipes

import (
	"errors"
	"strings"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/cswin"
)

// ViT is a vision transformer as a recipe has it: with its encoding by name. Classes and
// Channels are those of the data, ImageHeight and ImageWidth too where they are 0.
type ViT struct {
	vision.Config `yaml:",inline"`
	// Encoding names the structural encoding, with its settings behind colons, as
	// encodings.ByName knows them; default learned. It takes the place of Config.Encoding.
	Encoding string `yaml:"encoding"`
}

// imageConfiguration is a configuration of models that read images.
type imageConfiguration interface {
	configuration
	// reads are the settings that the data decides.
	reads() imageReading
	build(seed uint64) (vision.Classifier, error)
}

// imageReading points at what a configuration says of images.
type imageReading struct{ classes, channels, height, width *int }

// fit fills in what a schema says. Classes and channels can be no others.
func (c imageReading) fit(s *ImageSchema) *SettingError {
	for _, f := range []struct {
		path  string
		value *int
		data  int
		fixed bool
		what  string
	}{
		{"model.classes", c.classes, len(s.Classes), true, "classes"}, {"model.channels", c.channels, s.Channels, true, "channels"},
		{"model.imageHeight", c.height, s.Height, false, ""}, {"model.imageWidth", c.width, s.Width, false, ""},
	} {
		if f.fixed && *f.value != 0 && *f.value != f.data {
			return setting(f.path, "%d: the images have %d %s; leave it out", *f.value, f.data, f.what)
		}
		if *f.value == 0 {
			*f.value = f.data
		}
	}
	return nil
}

// newImageModel makes the model for images of a schema.
func newImageModel(r *Recipe, s *ImageSchema) (vision.Classifier, error) {
	m := r.Model
	c := m.images()
	if bad := c.reads().fit(s); bad != nil {
		return nil, bad
	}
	return c.build(r.Train.Seed)
}

// images gives the configuration of a kind that reads images.
func (m *Model) images() imageConfiguration {
	c, ok := m.configuration().(imageConfiguration)
	if !ok {
		panic("recipes: a model of kind " + m.Kind.String() + " does not read images")
	}
	return c
}

// vitModel makes the configuration of a vision transformer one of a recipe.
type vitModel ViT

var _ imageConfiguration = (*vitModel)(nil)

func (m *vitModel) config() any { return (*ViT)(m) }
func (m *vitModel) forget()     { *m = vitModel{} }

// fillDefaults leaves those zeros that stand for what follows from other settings or from the
// data.
func (m *vitModel) fillDefaults() {
	c := m.Config.WithDefaults()
	c.Channels, c.ImageHeight, c.ImageWidth, c.PatchWidth, c.GateWidth = m.Channels, m.ImageHeight, m.ImageWidth, m.PatchWidth, m.GateWidth
	c.Encoding, c.Patching = nil, nil
	m.Config = c
	if m.Encoding == "" {
		m.Encoding = encodings.Learned{}.Name()
	}
}

func (m *vitModel) reads() imageReading {
	return imageReading{&m.Classes, &m.Channels, &m.ImageHeight, &m.ImageWidth}
}

// whole is the configuration with its encoding.
func (m *vitModel) whole() (vision.Config, error) {
	c, err := m.Config, error(nil)
	c.Encoding, err = encodings.ByName(m.Encoding)
	return c, err
}

func (m *vitModel) validate() error {
	c, err := m.whole()
	if err != nil {
		return unprefixed(err, "encodings: ")
	}
	if c.Classes == 0 {
		c.Classes = leastClasses // the data tells
	}
	return unprefixed(c.Validate(), "vision: ")
}

func (m *vitModel) build(seed uint64) (vision.Classifier, error) {
	c, err := m.whole()
	if err != nil {
		return nil, err
	}
	model, err := vision.New(c, seed)
	if err != nil {
		return nil, err
	}
	return model, nil
}

// cswinModel makes the configuration of CSWin one of a recipe.
type cswinModel cswin.Config

var _ imageConfiguration = (*cswinModel)(nil)

func (m *cswinModel) config() any { return (*cswin.Config)(m) }
func (m *cswinModel) forget()     { *m = cswinModel{} }

// fillDefaults leaves those zeros that stand for what follows from other settings or from the
// data.
func (m *cswinModel) fillDefaults() {
	c := cswin.Config(*m).WithDefaults()
	c.Channels, c.ImageHeight, c.ImageWidth, c.Heads, c.Stripes = m.Channels, m.ImageHeight, m.ImageWidth, m.Heads, m.Stripes
	*m = cswinModel(c)
}

func (m *cswinModel) reads() imageReading {
	return imageReading{&m.Classes, &m.Channels, &m.ImageHeight, &m.ImageWidth}
}

func (m *cswinModel) validate() error {
	c := cswin.Config(*m)
	if c.Classes == 0 {
		c.Classes = leastClasses // the data tells
	}
	return unprefixed(c.Validate(), "cswin: ")
}

func (m *cswinModel) build(seed uint64) (vision.Classifier, error) {
	model, err := cswin.New(cswin.Config(*m), seed)
	if err != nil {
		return nil, err
	}
	return model, nil
}

// unprefixed is an error without the package in front of it.
func unprefixed(err error, prefix string) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), prefix))
}
