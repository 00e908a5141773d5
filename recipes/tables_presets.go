package recipes

import (
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/tables/decoder"
)

// TableRows is where training on the rows of one's own table starts from: a decoder of two
// layers of width 64, which reads each row as a small table of names and cells. Loss and
// metric are left to the table:
//
//	classes    loss                  metric, and beside it
//	two        binary-cross-entropy  accuracy, rocauc
//	more       cross-entropy         accuracy
func TableRows() Recipe {
	r := tablePreset("table", "A small decoder for the rows of a table of your own, with a column of classes to predict",
		decoder.Config{Layers: 2, Width: 64, Heads: 4, Dropout: 0.1, MaxTokens: 2048})
	r.Data.Kind = TableFile
	r.Optim.WeightDecay = 0.01
	r.Schedule.Warmup, r.Schedule.EveryStep = 1, true
	r.Train.Epochs, r.Train.BatchSize, r.Train.EvalBatchSize = 10, 64, 128
	r.settle()
	return r
}

// questions begins a preset for a set of questions about tables, with the routed encoding of
// 2D-TPE.
func questions(name, about, set string, c decoder.Config) Recipe {
	r := tablePreset(name, about, c)
	r.Data.Kind, r.Data.Name = TableSet, set
	r.Loss, r.Metric = "cross-entropy", exactMatch
	r.settle()
	return r
}

func tablePreset(name, about string, c decoder.Config) Recipe {
	r := preset(name, about)
	r.Model = Model{Kind: TableDecoder, Table: c}
	return r
}

// apart is the encoding of presets that begin with nothing learned: the routed pair without the
// entropy of the router in the loss, which makes it settle for one order.
const apart = "two-order:no-entropy"

// Locating2DTPE learns to find the value at an offset from the star in tables of 2 to 6 rows
// and columns; the task is a reconstruction of that of the 2D-TPE paper. It is the model of
// "graft bench tables", which brings in the sizes one after the other.
func Locating2DTPE() Recipe {
	r := questions("locating-2dtpe", "The number some rows and columns away from a star, by the two orders of 2D-TPE", "locating-values",
		decoder.Config{Layers: 4, Width: 64, Heads: 4, TiedEmbedding: true, InitStd: 0.1, Encoding: apart, MaxTokens: 4096})
	r.Data.Questions.Sizes = "2,3,4,5,6"
	r.Data.Train, r.Data.Val, r.Data.Test = 50_000, 500, 1000
	r.Optim.LR, r.Optim.Beta2, r.Optim.WeightDecay = 1e-3, 0.98, 0.01
	r.Schedule.Warmup, r.Schedule.EveryStep = 1, true
	r.Train.Epochs, r.Train.BatchSize, r.Train.EvalBatchSize = 6, 24, 48
	return r
}

// Counting2DTPE learns to count the stars in the row and in the column of a number; the task
// is a reconstruction of that of the 2D-TPE paper.
func Counting2DTPE() Recipe {
	r := Locating2DTPE()
	r.Name, r.Base = "counting-2dtpe", "counting-2dtpe"
	r.About = "How many stars are in the row and in the column of a number, by the two orders of 2D-TPE"
	r.Data.Name = "counting-stars"
	return r
}

// TabFact2DTPE learns to tell of statements whether a table of Wikipedia entails or refutes
// them, from those of the validation tables, for want of the training ones. What others
// measured, "graft datasets info tabfact" tells.
func TabFact2DTPE() Recipe {
	r := wikipedia("tabfact-2dtpe", "Whether a table of Wikipedia entails a statement, by the two orders of 2D-TPE, a small model", "tabfact", 512)
	r.Data.Questions.Protocol = tableqa.ValAsTrain
	r.Data.Test = 2000
	r.Schedule.Warmup, r.Train.Epochs = 3, 12
	return r
}

// WTQ2DTPE learns to answer questions of WikiTableQuestions from a table alone. What others
// measured, "graft datasets info wikitables" tells.
func WTQ2DTPE() Recipe {
	r := wikipedia("wtq-2dtpe", "Questions about tables of Wikipedia, by the two orders of 2D-TPE, a small model", "wikitables", 768)
	r.Data.Questions.Answer = ChooseCell
	r.Data.Val, r.Data.Test = 1000, 1000
	r.Schedule.Warmup, r.Train.Epochs = 1, 4
	return r
}

// wikipedia begins a preset for questions about tables of Wikipedia, up to eight of which read a
// table together, cut to what the model reads.
func wikipedia(name, about, set string, maxTokens int) Recipe {
	r := questions(name, about, set, decoder.Config{Layers: 2, Width: 128, Heads: 4, TiedEmbedding: true, InitStd: 0.1, Dropout: 0.1,
		Encoding: apart, Question: decoder.After, MaxTokens: maxTokens})
	r.Data.Questions.Long, r.Data.Questions.Together = CutRows, 8
	r.Optim.LR, r.Optim.WeightDecay = 1e-3, 0.01
	r.Schedule.EveryStep = true
	r.Train.BatchSize, r.Train.EvalBatchSize = 4, 16
	return r
}
