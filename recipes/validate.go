package recipes

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// Validate reports the first setting that no run can be made with, as a
// *[SettingError]: a batch size of 0, an unknown loss, a model whose outputs do not
// fit the data set, and the like. It does not look at files.
func (r Recipe) Validate() error {
	for _, check := range []func() *SettingError{
		r.checkNames, r.checkData, r.checkModel, r.checkOptim, r.checkTrain, r.checkTask,
	} {
		if bad := check(); bad != nil {
			return bad
		}
	}
	return nil
}

func setting(path, format string, args ...any) *SettingError {
	return &SettingError{Path: path, Reason: fmt.Sprintf(format, args...)}
}

func (r *Recipe) checkNames() *SettingError {
	if r.Name == "" || strings.ContainsAny(r.Name, `/\`) || strings.HasPrefix(r.Name, ".") {
		return setting("name", "%q cannot be part of a folder's name: want a word without slashes", r.Name)
	}
	if r.Base != "" {
		if _, err := Lookup(r.Base); err != nil {
			return setting("base", "%s", strings.TrimPrefix(err.Error(), "recipes: "))
		}
	}
	return nil
}

func (r *Recipe) checkData() *SettingError {
	for _, limit := range []struct {
		path string
		n    int
	}{{"data.train", r.Data.Train}, {"data.val", r.Data.Val}, {"data.test", r.Data.Test}} {
		if limit.n < 0 {
			return setting(limit.path, "%d: want a number of %s, or 0 for all", limit.n, r.Data.Items())
		}
	}
	if bad := r.checkDomain(); bad != nil {
		return bad
	}
	return r.Data.Kind.domain().check(r)
}

func (r *Recipe) checkModel() *SettingError {
	if err := r.Model.configuration().validate(); err != nil {
		return setting("model", "%s", strings.TrimPrefix(err.Error(), r.Model.Kind.String()+": "))
	}
	return nil
}

func (r *Recipe) checkOptim() *SettingError {
	o := r.Optim
	for _, f := range []struct {
		path  string
		value float64
	}{{"optim.lr", o.LR}, {"optim.eps", o.Eps}} {
		if !(f.value > 0) {
			return setting(f.path, "%v: want a number above 0", f.value)
		}
	}
	for _, f := range []struct {
		path  string
		value float64
	}{{"optim.beta1", o.Beta1}, {"optim.beta2", o.Beta2}} {
		if !(f.value > 0 && f.value < 1) {
			return setting(f.path, "%v: want a number between 0 and 1", f.value)
		}
	}
	for _, f := range []struct {
		path  string
		value float64
	}{{"optim.weightDecay", o.WeightDecay}, {"optim.clip", o.Clip}} {
		if !(f.value >= 0) {
			return setting(f.path, "%v: want 0, which is none, or a number above", f.value)
		}
	}
	return nil
}

func (r *Recipe) checkTrain() *SettingError {
	for _, f := range []struct {
		path  string
		value int
		what  string
	}{
		{"train.epochs", r.Train.Epochs, "passes over the training " + r.Data.Items()},
		{"train.batchSize", r.Train.BatchSize, r.Data.Items() + " a step"},
		{"train.evalBatchSize", r.Train.EvalBatchSize, r.Data.Items() + " a batch"},
	} {
		if f.value < 1 {
			return setting(f.path, "%d: want at least 1, the number of %s", f.value, f.what)
		}
	}
	switch {
	case !(r.Train.CheckpointSeconds >= 0):
		return setting("train.checkpointSeconds", "%v: want the seconds between checkpoints, or 0 for one after every epoch only", r.Train.CheckpointSeconds)
	case r.Schedule.Kind == Constant && r.Schedule.Warmup > 0:
		return setting("schedule.warmup", "%d: a constant rate has no warm-up, set it to 0", r.Schedule.Warmup)
	case r.Schedule.Kind == Constant && r.Schedule.EveryStep:
		return setting("schedule.everyStep", "true: a constant rate does not move, set it to false")
	case r.Schedule.Kind != Cosine && r.Schedule.Floor != 0:
		return setting("schedule.floor", "%v: only a cosine has a floor, set it to 0", r.Schedule.Floor)
	case !(r.Schedule.Floor >= 0 && r.Schedule.Floor <= 1):
		return setting("schedule.floor", "%v: want a part of the rate, from 0 to 1", r.Schedule.Floor)
	case r.Schedule.Warmup < 0:
		return setting("schedule.warmup", "%d: want a number of epochs, or 0 for none", r.Schedule.Warmup)
	case r.Schedule.Warmup >= r.Train.Epochs:
		return setting("schedule.warmup", "%d epochs of warm-up leave nothing of train.epochs %d: want fewer", r.Schedule.Warmup, r.Train.Epochs)
	}
	return nil
}

// checkTask compares loss, metric and outputs with what the data set asks for. It
// comes last, for it relies on the other checks.
func (r *Recipe) checkTask() *SettingError { return r.Data.Kind.domain().checkTask(r) }

// fits compares loss, metric and outputs with a data set.
func (r *Recipe) fits(info datasets.Info) *SettingError {
	loss, err := nn.ParseLoss(r.Loss)
	if err != nil {
		return setting("loss", "%s", err)
	}
	metric, err := train.ParseMetric(r.Metric)
	if err != nil {
		return setting("metric", "%s", err)
	}
	nodes, edges := info.Task == datasets.NodeClassification, info.Task == datasets.EdgeClassification
	values := info.Task == datasets.GraphRegression || info.Task == datasets.GraphMultiLabel
	switch outputs := r.Model.Outputs(); {
	case nodes && !r.Model.PerNode():
		return setting("model.head", "%s asks for a class of every node: want a head that predicts for nodes", info.Name)
	case edges && !r.Model.PerEdge():
		return setting("model.head", "%s asks for a class of every edge: want a head that predicts for edges", info.Name)
	case !nodes && r.Model.PerNode(), !edges && r.Model.PerEdge():
		return setting("model.head", "%s asks for a prediction of every graph: want a head that pools nodes", info.Name)
	case values && outputs != info.Targets:
		return setting("model.outputs", "%d: %s has %d numbers to predict", outputs, info.Name, info.Targets)
	case !values && outputs != info.Classes && !(outputs == 1 && info.Classes == 2):
		return setting("model.outputs", "%d: %s has %d classes", outputs, info.Name, info.Classes)
	case !lossFits(loss, info.Task, outputs):
		return setting("loss", "%s does not fit %s with %d outputs: want %s", r.Loss, info.Task, outputs, fitting(info.Task, outputs))
	case !metricFits(metric, info.Task, outputs):
		return setting("metric", "%s does not measure %s with %d outputs", r.Metric, info.Task, outputs)
	}
	return nil
}

func lossFits(loss nn.Loss, task datasets.Task, outputs int) bool {
	classes := task.Classes()
	switch loss.(type) {
	case nn.L1, nn.MSE:
		return task == datasets.GraphRegression
	case nn.CrossEntropy, nn.SoftCrossEntropy:
		return classes && outputs > 1
	case nn.WeightedCrossEntropy:
		return classes
	case nn.BinaryCrossEntropy:
		return classes && outputs == 1 || task == datasets.GraphMultiLabel
	}
	return true
}

func metricFits(metric train.Metric, task datasets.Task, outputs int) bool {
	classes := task.Classes()
	switch metric.(type) {
	case train.MAE, train.RMSE:
		return task == datasets.GraphRegression
	case train.Accuracy, train.WeightedAccuracy:
		return classes
	case train.AveragePrecision, train.ROCAUC:
		return classes && outputs == 1 || task == datasets.GraphMultiLabel
	}
	return true
}

// fitting lists the losses that fit a task.
func fitting(task datasets.Task, outputs int) string {
	var names []string
	for _, name := range nn.LossNames() {
		if loss, err := nn.ParseLoss(name); err == nil && lossFits(loss, task, outputs) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}
