# Perl's Net::FTP as a client: reads commands from standard input, one a line, tab-separated, and answers "ok ..." or "error ...".
#
# Arguments: host, port, "implicit" or "explicit", the authority's certificate, user, TLS version as IO::Socket::SSL writes it; the password is the first line.
use strict;
use warnings;
use IO::Socket::SSL;
use Net::FTP;

my ($host, $port, $mode, $authority, $user, $version) = @ARGV;
binmode $_, ':utf8' for *STDIN, *STDOUT;
$| = 1;
chomp(my $password = <STDIN>);
my %tls = (SSL_ca_file => $authority, SSL_verify_mode => SSL_VERIFY_PEER, SSL_version => $version);
my $ftp = Net::FTP->new($host, Port => $port, SSL => $mode eq 'implicit' ? 1 : 0, Passive => 1, Timeout => 20, %tls) or die "connect: $@";
if ($mode eq 'explicit') { $ftp->starttls(%tls) or die 'AUTH TLS: ' . $ftp->message; }
$ftp->login($user, $password) or die 'login: ' . $ftp->message;
$ftp->prot('P') or die 'PROT P: ' . $ftp->message;
$ftp->binary;

my %verbs = (
    put => sub { $ftp->put(@_) },
    get => sub { $ftp->get(@_) },
    rename => sub { $ftp->rename(@_) },
    delete => sub { $ftp->delete(@_) },
    list => sub { my $names = $ftp->ls(@_); $names ? join("\t", 1, map { utf8::decode(my $name = $_); $name } @$names) : undef },
    resume_get => sub { my ($remote, $local) = @_; $ftp->get($remote, $local, -s $local) },
);

while (my $line = <STDIN>) {
    chomp $line;
    my ($verb, @words) = split /\t/, $line;
    my $result = eval { $verbs{$verb}->(@words) };
    if ($result) {
        print "ok\t", $verb eq 'list' ? $result =~ s/^1\t//r : '', "\n";
    } else {
        print "error\t", join(' ', split ' ', $@ || $ftp->message), "\n";
    }
}
$ftp->quit;
