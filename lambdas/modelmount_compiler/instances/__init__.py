"""Instances and predictions: conversion between JSON values and arrays, by a signature."""
