#!/bin/sh
rm -rf $1/*
cd x; for f in $(ls); do cat $f; done
x=1
