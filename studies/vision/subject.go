package vision

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/studies"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/polyphase"
)

// Subject is a way to tell a vision transformer where patches are, which is under study.
type Subject struct {
	Name     string // in results: lower-case letters, digits and -.:=@
	Encoding encodings.Encoding
	// Attention is softmax or linear attention, which not all encodings serve.
	Attention vision.Attention
	// Patches are how images are cut. With all but Fixed there is no encoding of places: it is a convolution of patches.
	Patches Patches
}

// Patches say how images are cut into patches.
type Patches int

// The ways.
const (
	Fixed     Patches = iota // from the corner on, as in ViT
	Convolved                // so, and a convolution of 3 by 3 patches tells each of its neighbours (polyphase.PositionConv)
	Anchored                 // where the strongest polyphase component of the image is, and that convolution, circular
)

// Names of what is no encoding of package encodings.
const (
	convName      = "conv"
	polyphaseName = "polyphase"
	linearName    = "linear"
)

// defaultNames leave out encodings that differ little from others, sinusoidal-halves, which has the numbers of sinusoidal in
// another order, and comrope-vanilla, an axial RoPE; and liere, a step of which takes ten times as long as of others.
var defaultNames = []string{
	"none", "learned", "sinusoidal", "axial-rope", "mixed-rope", "eva", "comrope-ld", "comrope-ap", "seqpe", "md-tpe", "md-lrpe", "md-lrpe@linear",
	"cca", convName, polyphaseName,
}

// DefaultNames lists what a study compares, as [SubjectByName] knows it.
func DefaultNames() []string { return slices.Clone(defaultNames) }

// Names lists all encodings that serve images, conv and polyphase. Most of them serve linear attention, too.
func Names() []string { return append(vision.EncodingNames(), convName, polyphaseName) }

var subjectName = regexp.MustCompile(`^[a-z0-9][-.:=@a-z0-9]*$`)

// SubjectByName gives a way by its name: that of an encoding which serves images, with settings behind colons if need be
// ("mixed-rope:base=100"), conv for a convolution of patches in the place of an encoding, or polyphase for the same anchored
// (vision/polyphase); and @linear behind any of them for linear attention, LightNet's layer. seqpe without settings has those
// published for ViT, but its digits are read by a transformer half as wide as the model, without dropout: so there is a
// feed-forward part left. The error of a name that nothing has is a [*studies.UnknownError] or an [*encodings.UnknownError].
func SubjectByName(text string) (Subject, error) {
	s := Subject{Name: text, Encoding: encodings.None{}}
	name, attention, asked := strings.Cut(text, "@")
	if asked && attention != linearName {
		return s, &studies.UnknownError{What: "attention", Name: attention, Known: []string{linearName}}
	}
	if asked {
		s.Attention = vision.Linear
	}
	plain, _, _ := strings.Cut(name, ":")
	switch {
	case name == convName:
		s.Patches = Convolved
	case name == polyphaseName:
		s.Patches = Anchored
	case !slices.Contains(encodings.Names(), plain):
		return s, &studies.UnknownError{What: "encoding", Name: plain, Known: Names()}
	default:
		var err error
		if s.Encoding, err = encodings.ByName(name); err != nil {
			return s, fmt.Errorf("vision: %w", err)
		}
		if onImages := (Subject{Encoding: s.Encoding}); onImages.serves() != nil {
			return s, fmt.Errorf("vision: %s does not serve images: choose one of %s", name, strings.Join(Names(), ", "))
		}
	}
	return s, s.check()
}

// serves reports what keeps the subject from serving a small model of images.
func (s Subject) serves() error {
	_, err := vision.New(s.apply(vision.Config{Classes: 2, ImageHeight: 8, PatchHeight: 4, Layers: 1, Width: 48, Heads: 2}), 0)
	return err
}

func (s Subject) check() error {
	switch {
	case !subjectName.MatchString(s.Name):
		return fmt.Errorf("vision: %q is no name for an encoding: want lower-case letters, digits and -.:=@", s.Name)
	case s.Encoding == nil:
		return fmt.Errorf("vision: %s: there is no Encoding", s.Name)
	case s.Patches < Fixed || s.Patches > Anchored:
		return fmt.Errorf("vision: %s: there is no Patches(%d)", s.Name, int(s.Patches))
	case s.Patches != Fixed && s.Encoding != encodings.Encoding(encodings.None{}):
		return errors.New("vision: " + s.Name + ": a convolution of patches takes the place of an encoding: set Encoding to encodings.None{}")
	}
	return nil
}

// setting is what the subject is set to, to tell it from others of the same name.
func (s Subject) setting() string {
	return fmt.Sprintf("%T%+v, %v, %d", s.Encoding, s.Encoding, s.Attention, s.Patches)
}

// apply returns the configuration of the subject's model.
func (s Subject) apply(c vision.Config) vision.Config {
	c.Attention, c.Encoding = s.Attention, s.Encoding
	if s.Encoding == encodings.Encoding(encodings.SeqPE{}) {
		e := encodings.SeqPEViTS()
		e.Width, e.Dropout = max(c.Width/2, 2), 0
		c.Encoding = e
	}
	switch s.Patches {
	case Convolved:
		return polyphase.ViT(c, polyphase.Nowhere)
	case Anchored:
		return polyphase.ViT(c, polyphase.ToPhase)
	}
	return c
}

// Beyond says what the subject does with more patches than its model was trained on.
func (s Subject) Beyond() string {
	switch s.Encoding.(type) {
	case encodings.None:
		if s.Patches != Fixed {
			return "the convolution goes on"
		}
		return "there is nothing to go on"
	case encodings.Learned:
		return "the table is resized"
	case encodings.EVA:
		return "places are squeezed into the trained range"
	case encodings.CCA:
		return "there are more rings"
	case encodings.SeqPE:
		return "digits of new places are read"
	case encodings.MDTPE:
		return "the sums go on"
	}
	return "the places go on"
}

// Known is a way that can be studied.
type Known struct {
	Name    string
	About   string
	Beyond  string // as [Subject.Beyond]
	Default bool   // it is one of [DefaultNames]
	Linear  bool   // linear attention can carry it
}

// List lists [Names] with what there is to know of them.
func List() []Known {
	about := map[string]string{
		convName:      "a convolution of 3 by 3 patches, depth-wise, before the first layer",
		polyphaseName: "the same, circular, of patches that are cut where the strongest polyphase component is",
	}
	for _, k := range encodings.List() {
		about[k.Name] = k.About
	}
	var list []Known
	for _, name := range Names() {
		s, err := SubjectByName(name)
		if err != nil {
			panic("vision: List: " + err.Error()) // the names are those above
		}
		linear := s
		linear.Attention = vision.Linear
		list = append(list, Known{Name: name, About: about[name], Beyond: s.Beyond(), Default: slices.Contains(defaultNames, name), Linear: linear.serves() == nil})
	}
	return list
}
