#!/usr/bin/perl
# doc-names.pl: whether what doc comments (///) name in backticks is there.
# Types, functions, properties, parameters, options, targets of the Makefile, files and words of SPICE: a name
# counts as there if the code (its strings included) has it, and of `Type.member` one of the files that declare or
# extend the type has to declare the member. What is no name (`R1 a b 1k`, `*.learn`) is not looked at.
use strict;
use warnings;
use File::Basename;

chdir dirname($0) . "/.." or die;

# What is named though it is not here: files and functions within ngspice, those of SUNDIALS, programs.
my %elsewhere = map { $_ => 1 } qw(
    xpressn.c fmathS mathfunction operate string_expr MIFgettok INPgetTok INPgetStr INPevaluate INPevaluateRKM_R
    cvHin CV_BAD_T pgrep
);

my @files = grep { !m{/\.build} } split /\0/, `git ls-files -z --cached --others --exclude-standard`;
my (%word, %declared, %members, @comments);

sub words { $word{$_} = 1 for $_[0] =~ /\w+/g }

for my $path (@files) {
    my ($stem) = basename($path) =~ /^([^.]*)/;
    words($path);
    $declared{$stem} = 1;
    next unless $path =~ m{^(Sources|Tests|Benchmarks|Fuzz|Scripts)/|^Makefile$|\.(cir|inc)$} && $path !~ /\.csv$|\.docc\//;
    open my $in, '<', $path or next;
    my ($line, @types, @names) = (0);
    while (<$in>) {
        $line++;
        if ($path =~ /\.swift$/) {
            if (m{^\s*///(.*)}) { push @comments, [$path, $line, $1]; next }
            next if m{^\s*//};
            push @types, $1 while /\b(?:struct|class|enum|protocol|actor|extension|typealias)\s+(?:\w+\.)*(\w+)/g;
            push @names, $1 while /\b(?:func|var|let|case|typealias|struct|class|enum|associatedtype)\s+`?(\w+)/g;
            push @names, "init" if /\binit\b/;
            # case a, b; (x, y) = …; labels and parameters
            push @names, split /\W+/, $1 if /\b(?:case|let|var)\b(.*)/;
            push @names, $1 while /(\w+)\s*:/g;
        }
        elsif ($path =~ /\.(c|h)$/) { $declared{$_} = 1 for /\w+/g }
        words($_);
    }
    $declared{$_} = 1 for @types, @names;
    $members{$_}{$path} = \@names for @types;
}

my %memberSet;
for my $type (keys %members) {
    for my $names (values %{$members{$type}}) { $memberSet{$type}{$_} = 1 for @$names }
}

# Sections and equations of docs/theory.md, of which comments cite both; a title may go on in the next line.
my $theory = `cat docs/theory.md`;
my %section = map { $_ => 1 } $theory =~ /^## (.*)$/gm;
my %equation = map { $_ => 1 } $theory =~ / \((\d+)\)$/gm;

my $targets = join '', map { "$_ " } `cat Makefile` =~ /^([\w-]+):/gm;
my $faults = 0;
for my $i (0 .. $#comments) {
    my ($path, $line, $text) = @{$comments[$i]};
    if ($text =~ m{docs/theory\.md(.*)}) {
        my $rest = $1;
        $rest .= $comments[$i + 1][2] if $rest !~ /\)|".*"/ && $i < $#comments;
        my @cited = $rest =~ /^((?:,? \(\d+\))+)/ ? $1 =~ /\d+/g : ();
        for my $number (grep { !$equation{$_} } @cited) {
            print "$path:$line: docs/theory.md has no equation ($number)\n";
            $faults++;
        }
        for my $title (grep { !$section{$_} } $rest =~ /"([^"]+)"/g) {
            print "$path:$line: docs/theory.md has no section \"$title\"\n";
            $faults++;
        }
        print("$path:$line: docs/theory.md without a section or equation\n"), $faults++
            unless @cited || $rest =~ /"/ || $text =~ /(kite|of|in) docs/;
    }
    while ($text =~ /`([^`]+)`/g) {
        my $name = $1;
        next if $elsewhere{$name};
        my $reason = fault($name) or next;
        print "$path:$line: `$name`: $reason\n";
        $faults++;
    }
}
exit($faults ? 1 : 0);

sub fault {
    my ($name) = @_;
    if ($name =~ /^make ([\w-]+)/) { return " $targets " =~ / \Q$1\E / ? "" : "no such target" }
    if ($name =~ /^spicelearn ([\w-]+)/) { $name = $1 }
    if ($name =~ /^--([a-z-]+)$/) {
        my ($flag, $property) = ($1, $1);
        $property =~ s/-(\w)/\u$1/g;
        return $word{$property} || has($flag) ? "" : "no such option";
    }
    my ($path, $labels) = $name =~ /^(\.?\w+(?:\.\w+)*)(\((?:\w+:)*\))?$/ or return "";
    my @parts = grep { length } split /\./, $path;
    for my $part (@parts, ($labels // '') =~ /\w+/g) {
        # An example of a number, a resistor, a node: `1k5`, `r1`, `x1_r3`.
        next if $part =~ /\d/ && $part !~ /[a-z][A-Z]/;
        return "nothing is called $part" unless has($part);
        # Nobody writes like this outside programs: it has to be declared, and not only said in a message.
        return "nothing declares $part" if $part =~ /^[a-z]+[A-Z]/ && !$declared{$part};
    }
    for my $i (1 .. $#parts) {
        my ($type, $member) = @parts[$i - 1, $i];
        next unless $type =~ /^[A-Z]/ && $memberSet{$type};
        return "$type has no $member" unless $memberSet{$type}{$member};
    }
    return "";
}

sub has { $word{$_[0]} || $declared{$_[0]} || !grep { !$word{$_} } split /-/, $_[0] }
