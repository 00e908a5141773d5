package recipes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/internal/held"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tokenize"
	"github.com/graft-ml/graft/train"
)

// questionData is the questions of a recipe.
type questionData struct {
	recipe  Recipe // with what the data decides
	set     *tableqa.Set
	lexicon *lexicon
	parts   [3]*decoder.Data // once there is a model
	leftOut [3]int           // questions of which not even one row of the table fits
}

var _ loaded = (*questionData)(nil)

// loadQuestions reads a set, and learns its vocabulary where none was kept.
func (r Recipe) loadQuestions(ctx context.Context, dir string, kept []byte) (loaded, error) {
	q := r.Data.Questions
	proxy, err := q.proxy()
	if err != nil {
		return nil, err
	}
	set, err := tableqa.Load(ctx, r.Data.Name, tableqa.Options{
		Dir: dir, Protocol: q.Protocol, Fold: r.Data.Fold, Seed: r.Data.Seed, Proxy: proxy, Limit: r.Data.limit(),
	})
	if err != nil {
		return nil, err
	}
	d := &questionData{recipe: r, set: set}
	if kept != nil {
		if d.lexicon, err = parseLexicon(kept); err != nil {
			return nil, fmt.Errorf("recipes: %w", err)
		}
		if d.lexicon.Set != r.Data.Name {
			return nil, fmt.Errorf("recipes: the schema of the run is that of %s, not of %s", d.lexicon.Set, r.Data.Name)
		}
	} else if err := d.learn(ctx, proxy); err != nil {
		return nil, err
	}
	if d.recipe.Loss == "" {
		d.recipe.Loss = nn.CrossEntropy{}.Name()
	}
	if d.recipe.Metric == "" {
		d.recipe.Metric = exactMatch
	}
	return d, nil
}

// learn makes the tokenizer: words of a generated set, and pieces of the training questions
// and their tables of others.
func (d *questionData) learn(ctx context.Context, proxy tableqa.ProxyOptions) (err error) {
	d.lexicon = &lexicon{Version: 1, Set: d.recipe.Data.Name}
	if words, closed, err := proxyWords(d.set.Info.Name, proxy); err != nil {
		return err
	} else if closed {
		d.lexicon.tokenizer, err = tokenize.NewWords(words, tables.MarkNames())
		if err != nil {
			return err
		}
	} else {
		o := tokenize.BPEOptions{Size: d.recipe.Data.Questions.Vocabulary, Special: tables.MarkNames()}
		if d.lexicon.tokenizer, err = tokenize.TrainBPE(ctx, textsOf(d.set.Train), o); err != nil {
			return err
		}
	}
	d.lexicon.Vocabulary, err = d.lexicon.tokenizer.Marshal()
	return err
}

// proxyWords are the words of a generated set, and whether the set of this name is one.
func proxyWords(name string, o tableqa.ProxyOptions) ([]string, bool, error) {
	for _, make := range []func(tableqa.ProxyOptions) (*tableqa.Proxy, error){tableqa.CountingStars, tableqa.LocatingValues} {
		p, err := make(o)
		if err != nil {
			return nil, false, err
		}
		if p.Name() == name {
			return p.Words(), true, nil
		}
	}
	return nil, false, nil
}

// textsOf are the texts of questions, their answers, and of each table once.
func textsOf(questions tableqa.Source) tokenize.Texts {
	return func(yield func(string) error) error {
		seen := map[*tables.Table]bool{}
		for i := range questions.Len() {
			q := questions.At(i)
			texts := append([]string{q.Text}, q.Answers...)
			if !seen[q.Table] {
				seen[q.Table] = true
				texts = append(texts, q.Table.Title)
				for _, row := range q.Table.Cells() {
					texts = append(texts, row...)
				}
			}
			for _, text := range texts {
				if err := yield(text); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

func (d *questionData) settled() Recipe { return d.recipe }

func (d *questionData) tell(p *Plan) {
	p.Notes = append(slices.Clone(d.set.Notes), d.cuts()...)
	p.Facts = []Fact{
		{"task", fmt.Sprintf("%v, split %v", d.set.Info.Task, d.set.Protocol)},
		{"vocabulary", fmt.Sprintf("%d tokens", d.lexicon.tokenizer.Size())},
	}
}

func (d *questionData) keep() ([]byte, error) { return json.Marshal(d.lexicon) }

func (d *questionData) build() (nn.Model, error) {
	return decoder.New(d.recipe.Model.Table, d.lexicon.tokenizer, d.recipe.Train.Seed)
}

// items groups questions that follow one another by their tables.
func items(questions tableqa.Source) []decoder.Item {
	var list []decoder.Item
	for i := range questions.Len() {
		q := questions.At(i)
		answer := decoder.Question{Text: q.Text, Answers: q.Answers}
		if n := len(list); n > 0 && (list[n-1].Table == q.Table || q.Table.Name != "" && list[n-1].Table.Name == q.Table.Name) {
			list[n-1].Questions = append(list[n-1].Questions, answer)
		} else {
			list = append(list, decoder.Item{Table: q.Table, Questions: []decoder.Question{answer}})
		}
	}
	return list
}

// task puts the data together with a model.
func (d *questionData) task(model nn.Model) (train.Task, error) {
	m, ok := model.(*decoder.Model)
	if !ok {
		return train.Task{}, fmt.Errorf("recipes: the model does not fit the data: it is a %T, and questions want a *decoder.Model", model)
	}
	whole, tokens := train.Metric(exact{m.Marks.EOS}), train.Metric(train.Accuracy{})
	task := train.Task{Model: model, Loss: nn.CrossEntropy{}, Metric: whole, MoreMetrics: []train.Metric{tokens}}
	if d.recipe.Metric == tokens.Name() {
		task.Metric, task.MoreMetrics = tokens, []train.Metric{whole}
	}
	for s, to := range [3]*train.Data{&task.Train, &task.Val, &task.Test} {
		source := d.set.Split(datasets.Split(s))
		if source.Len() == 0 && s != int(datasets.Train) {
			continue
		}
		o := decoder.DataOptions{Long: d.recipe.Data.Questions.Long.decoder()}
		if s == int(datasets.Train) {
			o.Together = d.recipe.Data.Questions.Together // others are asked one by one
		}
		list := items(source)
		data, err := d.prepare(m, datasets.Split(s), list, o)
		if err != nil {
			if o.Together > 1 {
				if _, alone := d.prepare(m, datasets.Split(s), list, decoder.DataOptions{Long: o.Long}); alone == nil {
					return train.Task{}, setting("data.questions.together", "%d: %v", o.Together, err)
				}
			}
			return train.Task{}, d.explain(datasets.Split(s), err)
		}
		if data.Len() == 0 && s == int(datasets.Train) {
			return train.Task{}, setting("model.maxTokens", "%d: every table is longer: raise it, or cut tables (data.questions.long)", m.Config.MaxTokens)
		}
		d.parts[s], *to = data, data
	}
	return task, nil
}

// prepare makes the data of a split. Where tables are cut, questions of which not even one
// row of the table fits are left out.
func (d *questionData) prepare(m *decoder.Model, s datasets.Split, list []decoder.Item, o decoder.DataOptions) (*decoder.Data, error) {
	data, err := decoder.NewData(m, list, o)
	if long := (*tables.LongError)(nil); o.Long != decoder.CutRows || !errors.As(err, &long) {
		return data, err
	}
	d.leftOut[s] = 0
	for k, item := range list {
		list[k].Questions = slices.DeleteFunc(slices.Clone(item.Questions), func(q decoder.Question) bool {
			_, err := decoder.NewData(m, []decoder.Item{{Table: item.Table.Head(1), Questions: []decoder.Question{q}}}, decoder.DataOptions{})
			long := (*tables.LongError)(nil)
			return errors.As(err, &long)
		})
		d.leftOut[s] += len(item.Questions) - len(list[k].Questions)
	}
	return decoder.NewData(m, list, o)
}

// explain adds to the error about a table that is too long what helps.
func (d *questionData) explain(s datasets.Split, err error) error {
	if long := (*tables.LongError)(nil); d.recipe.Data.Questions.Long != RefuseLong || !errors.As(err, &long) {
		return fmt.Errorf("recipes: split %v: %w", s, err)
	}
	return fmt.Errorf("recipes: split %v: %w; data.questions.long=cut truncates tables to the rows that fit, leave-out leaves such questions out, model.maxTokens sets the context", s, err)
}

// cuts says what became of long tables.
func (d *questionData) cuts() (notes []string) {
	for s, data := range d.parts {
		if data == nil {
			continue
		}
		if c, out := data.Counts(), data.Counts().LeftOut+d.leftOut[s]; c.Cut > 0 || out > 0 {
			notes = append(notes, fmt.Sprintf("split %v: of %d questions %d are about tables that were cut, and %d were left out: model.maxTokens is %d",
				datasets.Split(s), c.Questions+out, c.Cut, out, d.recipe.Model.Table.MaxTokens))
		}
	}
	return notes
}

func (d *questionData) memory(_ context.Context, r Recipe, training bool, splits ...datasets.Split) (*Memory, error) {
	model, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	return predictTokens(r, model, held.Bytes(d.set)+held.Bytes(d.parts), present(d.parts), training, splits)
}
