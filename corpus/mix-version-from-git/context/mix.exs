defmodule Shop.MixProject do
  use Mix.Project

  def project do
    [app: :shop, version: version(), elixir: "~> 1.14", deps: deps()]
  end

  def application do
    [extra_applications: [:logger]]
  end

  defp version do
    {text, 0} = System.cmd("git", ["describe"])
    text
  end

  defp deps do
    [{:jason, "~> 1.4"}]
  end
end
