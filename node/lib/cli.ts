#!/usr/bin/env node
import { native } from './native'

process.exitCode = native.runCommand(process.argv.slice(2))
