package recipes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// domain is a kind of thing to learn from: graphs, for one. Each has files of its own that
// implement it; a new one is these, a constant for each of its kinds of data and of models,
// and a line in dataKinds and modelKinds.
type domain interface {
	// items names what data of a kind is made of, in the plural.
	items(k DataKind) string
	// title names the data in a word.
	title(d *Data) string
	// foreign tells what to do about a key of data that is for other kinds of data; "" for
	// those that d has.
	foreign(d *Data, key string) string
	// settle fills in defaults of data, and forgets settings that its kind has not.
	settle(d *Data)
	// check looks at the settings of data, without reading any.
	check(r *Recipe) *SettingError
	// checkTask compares loss, metric and model with what is known of the data before it is
	// read. It comes last and relies on the other checks.
	checkTask(r *Recipe) *SettingError
	// load reads the data in a folder, and finds out what it decides. kept is the text that
	// an earlier load wanted to be kept with its run; nil where there is none.
	load(ctx context.Context, r Recipe, dir string, kept []byte) (loaded, error)
	// build makes the model of a run of which a text is kept, with first weights.
	build(r Recipe, kept []byte) (nn.Model, error)
	// crowd says of a batch that takes too much memory what it holds, and what helps.
	crowd(m *Memory) crowd
	// open completes a model that was read from a run, whose checkpoint has kept a text.
	open(t *Trained, kept []byte) error
}

// loaded is the data of a recipe, read and cut into splits.
type loaded interface {
	// settled is the recipe with all settings that the data decides.
	settled() Recipe
	// tell fills in what a plan says of the data, which has its task: Schema, Rows, Images
	// or Motion, Facts and Notes.
	tell(p *Plan)
	// keep is the text that goes with a run, without which nobody knows what its model
	// reads and predicts; nil where the recipe says it all.
	keep() ([]byte, error)
	// build makes the model, with first weights.
	build() (nn.Model, error)
	// task puts the data together with a model.
	task(m nn.Model) (train.Task, error)
	// memory predicts what training, or else evaluation, on some splits takes, with the
	// settings of the loop that a recipe has.
	memory(ctx context.Context, r Recipe, training bool, splits ...datasets.Split) (*Memory, error)
}

// dataKinds are the kinds of data in the order of their constants, each with its name and
// its domain.
var dataKinds = slices.Concat(
	[]dataKind{{"set", graphDomain{}}}, kindsOfFiles(),
	[]dataKind{{"table-set", tableDomain{}}, {"table", tableDomain{}}},
	[]dataKind{{"image-set", imageDomain{}}, {"images", imageDomain{}}},
	[]dataKind{{"motion-set", motionDomain{}}, {"motion", motionDomain{}}},
)

type dataKind struct {
	name   string
	domain domain
}

// modelKinds are the kinds of models in the order of their constants.
var modelKinds = []modelKind{
	{"grit", graphDomain{}, func(m *Model) configuration { return (*gritModel)(&m.GRIT) }},
	{"gps", graphDomain{}, func(m *Model) configuration { return (*gpsModel)(&m.GPS) }},
	{"table", tableDomain{}, func(m *Model) configuration { return (*tableModel)(&m.Table) }},
	{"vit", imageDomain{}, func(m *Model) configuration { return (*vitModel)(&m.ViT) }},
	{"cswin", imageDomain{}, func(m *Model) configuration { return (*cswinModel)(&m.CSWin) }},
	{"4dmot", motionDomain{}, func(m *Model) configuration { return (*motionModel)(&m.FourDMoT) }},
}

type modelKind struct {
	name   string
	domain domain
	of     func(m *Model) configuration
}

// domain is that of the data.
func (k DataKind) domain() domain {
	if k < 0 || int(k) >= len(dataKinds) {
		panic(fmt.Sprintf("recipes: unknown data kind %d", k))
	}
	return dataKinds[k].domain
}

// row is what is known of a kind.
func (k Kind) row() modelKind {
	if k < 0 || int(k) >= len(modelKinds) {
		panic(fmt.Sprintf("recipes: unknown model kind %d", k))
	}
	return modelKinds[k]
}

// checkDomain tells whether the model is one for the data.
func (r *Recipe) checkDomain() *SettingError {
	of := r.Data.Kind.domain()
	if r.Model.Kind.row().domain == of {
		return nil
	}
	var names []string
	for _, k := range modelKinds {
		if k.domain == of {
			names = append(names, k.name)
		}
	}
	return setting("model.kind", "%v does not read %s, which data.kind %v asks for: want %s", r.Model.Kind, r.Data.Items(), r.Data.Kind, strings.Join(names, " or "))
}

// Items names what the data is made of, in the plural: graphs, questions, rows.
func (d Data) Items() string { return d.Kind.domain().items(d.Kind) }

// Title names the data in a word: the data set, or the file.
func (d Data) Title() string { return d.Kind.domain().title(&d) }
