// Command cel-expressions compiles and evaluates expressions exactly as kube-apiserver does for a token, with
// kube-apiserver's own compiler, environment and cost limit.
//
// It reads JSON lines {"place", "expression", "input"} and prints one JSON line for each: {"refused"} when kube-apiserver
// would not start with it, {"fails"} when a login would fail, else {"gives", "cost"} with the value as a CEL literal.
// With the argument "functions" it prints the signatures of all functions instead.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	celgo "github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"

	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
)

type question struct {
	// Place is claimMappings, claimValidationRules or userValidationRules.
	Place      string          `json:"place"`
	Expression string          `json:"expression"`
	Input      json.RawMessage `json:"input"`
}

type answer struct {
	Refused string  `json:"refused,omitempty"`
	Fails   string  `json:"fails,omitempty"`
	Gives   string  `json:"gives,omitempty"`
	Cost    *uint64 `json:"cost,omitempty"`
}

func main() {
	err := error(nil)
	if len(os.Args) > 1 && os.Args[1] == "functions" {
		err = printFunctions(os.Stdout)
	} else {
		err = run(os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cel-expressions:", err)
		os.Exit(2)
	}
}

func run(in io.Reader, out io.Writer) error {
	compiler := authenticationcel.NewDefaultCompiler()
	questions, answers := json.NewDecoder(in), json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for {
		var asked question
		if err := questions.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		given, err := ask(compiler, asked)
		if err != nil {
			return err
		}
		if err := answers.Encode(given); err != nil {
			return err
		}
	}
}

// ask takes a panic of the compiler, which a map with a key of bytes causes, for a refusal.
func ask(compiler authenticationcel.Compiler, asked question) (given answer, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			given = answer{Refused: fmt.Sprint("panic: ", cause)}
		}
	}()
	compiled, variable, err := compile(compiler, asked)
	if variable == "" || err != nil {
		return answer{Refused: fmt.Sprint(err)}, nil
	}
	input, err := inputOf(variable, asked.Input)
	if err != nil {
		return answer{}, err
	}
	value, details, err := compiled.Program.ContextEval(context.Background(), map[string]any{variable: input})
	given.Cost = costOf(details)
	if err != nil {
		given.Fails = err.Error()
	} else {
		given.Gives = types.Format(value)
	}
	return given, nil
}

// compile gives the name of the variable that the place has; the name is empty for an unknown place.
func compile(compiler authenticationcel.Compiler, asked question) (authenticationcel.CompilationResult, string, error) {
	switch asked.Place {
	case "claimMappings":
		result, err := compiler.CompileClaimsExpression(&authenticationcel.ClaimMappingExpression{Expression: asked.Expression})
		return result, "claims", err
	case "claimValidationRules":
		result, err := compiler.CompileClaimsExpression(&authenticationcel.ClaimValidationCondition{Expression: asked.Expression})
		return result, "claims", err
	case "userValidationRules":
		result, err := compiler.CompileUserExpression(&authenticationcel.UserValidationCondition{Expression: asked.Expression})
		return result, "user", err
	default:
		return authenticationcel.CompilationResult{}, "", fmt.Errorf("unknown place %q", asked.Place)
	}
}

func costOf(details *celgo.EvalDetails) *uint64 {
	if details == nil {
		return nil
	}
	return details.ActualCost()
}
