# SPDX-License-Identifier: GPL-2.0-or-later
# Where a value is not what a schema of docs/openapi.json says; nothing when it is. Stricter than JSON
# Schema: a property that is not named is a fault. Input: the file; $schema: a schema; $value.
def resolve($root): .["$ref"] as $r | if $r then $root | getpath($r[2:] / "/") else . end;
def kinds($v):
	$v | type as $t | if $t == "number" then (if . == floor then ["integer", "number"] else ["number"] end)
	else [$t] end;
def faults($v; $at; $root):
	resolve($root) as $s
	| ([$s.type] | flatten) as $want
	| if ($want - kinds($v)) == $want then "\($at): \($v | tojson[0:40]) is not \($want)"
	elif ($v | type) == "object" then
		(($s.required // [])[] | select(in($v) | not) | "\($at).\(.): missing"),
		($v | to_entries[] | .key as $k | .value as $x
			| ($s.properties[$k]? // $s.additionalProperties) as $p
			| if $p then $p | faults($x; "\($at).\($k)"; $root) else "\($at).\($k): not described" end)
	elif ($v | type) == "array" then
		$v | to_entries[] | .key as $k | .value as $x | $s.items | faults($x; "\($at)[\($k)]"; $root)
	else
		(select($s.enum and ($s.enum | index([$v]) | not)) | "\($at): \($v) is none of \($s.enum)"),
		(select($s.pattern and ($v | test($s.pattern) | not)) | "\($at): \($v) does not match"),
		(select($s.minimum and ($v < $s.minimum)) | "\($at): \($v) is too small")
	end;
. as $root | $schema | faults($value; ""; $root)
