// RUN: gemma-opt %s --split-input-file --verify-diagnostics

// The dialect is closed: a name that it does not have is an error, never an
// op, an attribute or a type without meaning.

// expected-error@+1 {{unregistered operation 'gemma.no_such_op'}}
"gemma.no_such_op"() : () -> ()

// -----

// expected-error@+1 {{no_such_attribute}}
module attributes {builtin.x = #gemma.no_such_attribute} {}

// -----

// expected-error@+1 {{no_such_type}}
func.func private @f(!gemma.no_such_type)
