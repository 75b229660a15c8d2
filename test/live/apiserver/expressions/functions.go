package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/google/cel-go/common/types"
	"k8s.io/apiserver/pkg/cel/environment"
)

// printFunctions writes the signature of every function of kube-apiserver's environment as one JSON list of texts.
func printFunctions(out io.Writer) error {
	env, err := environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()).Env(environment.StoredExpressions)
	if err != nil {
		return err
	}
	signatures := []string{}
	for name, function := range env.Functions() {
		for _, overload := range function.OverloadDecls() {
			signatures = append(signatures, signature(name, overload.IsMemberFunction(), overload.ArgTypes(), overload.ResultType()))
		}
	}
	slices.Sort(signatures)
	return json.NewEncoder(out).Encode(signatures)
}

func signature(name string, isMethod bool, args []*types.Type, result *types.Type) string {
	texts := make([]string, len(args))
	for i, arg := range args {
		texts[i] = arg.String()
	}
	call := name + "(" + strings.Join(texts, ", ") + "): " + result.String()
	if isMethod {
		call = texts[0] + "." + name + "(" + strings.Join(texts[1:], ", ") + "): " + result.String()
	}
	return call
}
