package Shop;
our $VERSION = '0.1';
1;
