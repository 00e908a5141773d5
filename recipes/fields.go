package recipes

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// field is one key of a section of a recipe.
type field struct {
	key   string
	value reflect.Value // addressable
}

// section tells whether the field holds keys of its own rather than a value.
func (f field) section() bool { return f.value.Kind() == reflect.Struct }

// fieldsOf lists the keys of a section, in the order of the struct. A model's
// configuration is spread out beside its kind, so that a path says model.layers
// whatever the kind is; data has those keys only that its kind has.
func fieldsOf(section reflect.Value) []field {
	var list []field
	for i := range section.NumField() {
		key, option, _ := strings.Cut(section.Type().Field(i).Tag.Get("yaml"), ",")
		if option == "inline" {
			list = append(list, fieldsOf(section.Field(i))...)
			continue
		}
		if key != "-" && otherKind(section, key) == "" {
			list = append(list, field{key, section.Field(i)})
		}
	}
	if m, ok := section.Addr().Interface().(*Model); ok {
		list = append(list, fieldsOf(reflect.ValueOf(m.configuration().config()).Elem())...)
	}
	return list
}

// otherKind tells what to do about a key that the section has for other kinds of data
// than its own; "" for every other key.
func otherKind(section reflect.Value, key string) string {
	d, ok := section.Addr().Interface().(*Data)
	if !ok {
		return ""
	}
	return d.Kind.domain().foreign(d, key)
}

// settle fills in defaults, and forgets settings of kinds of data that it has not.
func (r *Recipe) settle() {
	r.Model.settle()
	r.Data.Kind.domain().settle(&r.Data)
}

// leaf is a setting: a value and the path to it.
type leaf struct {
	path  string
	value reflect.Value
}

// leaves lists all settings of the recipe.
func (r *Recipe) leaves() []leaf {
	var list []leaf
	var walk func(prefix string, section reflect.Value)
	walk = func(prefix string, section reflect.Value) {
		for _, f := range fieldsOf(section) {
			if f.section() {
				walk(prefix+f.key+".", f.value)
			} else {
				list = append(list, leaf{prefix + f.key, f.value})
			}
		}
	}
	walk("", reflect.ValueOf(r).Elem())
	return list
}

// assign sets a value from its text. The error says what came and what the
// setting takes.
func assign(v reflect.Value, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	bad := func(want string) error { return fmt.Errorf("%q is not %s", text, want) }
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return bad("true or false")
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return bad("a whole number" + tooLarge(err))
		}
		v.SetInt(n)
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return bad("a whole number of 0 or more" + tooLarge(err))
		}
		v.SetUint(n)
	case reflect.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || strings.ContainsAny(text, "_xX") {
			return bad("a number" + tooLarge(err))
		}
		v.SetFloat(x)
	default:
		panic(fmt.Sprintf("recipes: a setting of type %s", v.Type()))
	}
	return nil
}

func tooLarge(err error) string {
	if errors.Is(err, strconv.ErrRange) {
		return " within range"
	}
	return ""
}

// text is the form of a value that assign reads back.
func text(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.String:
		return v.String()
	}
	return fmt.Sprint(v.Interface())
}
